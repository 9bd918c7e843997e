"""Measurements, apart from the tests: each program prints a table and can write a JSON file."""

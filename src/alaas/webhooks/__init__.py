"""Telling others what happens: signed events over HTTP."""

"""Engines and precisions side by side on the same items."""

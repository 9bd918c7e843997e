"""The processes that do the measured work in our own environment; ``benchmarks.rows`` asks them."""

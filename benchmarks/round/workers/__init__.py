"""The processes that do the measured work in our own environment; ``benchmarks.round.rows`` asks them."""

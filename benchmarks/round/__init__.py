"""One round of active learning, measured beside its limit and other tools."""

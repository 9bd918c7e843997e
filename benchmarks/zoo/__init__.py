"""Every strategy, measured: beside its limit, beside other packages, and as pools and budgets grow."""

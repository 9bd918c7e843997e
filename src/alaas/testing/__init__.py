"""Contract suites for every extension point; import the one you need, and pytest, in your tests."""

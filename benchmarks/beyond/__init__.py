"""Every engine and more than one process, measured beside what they are compared with."""

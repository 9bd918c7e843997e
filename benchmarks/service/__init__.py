"""What a server of projects does in a second, measured from outside."""

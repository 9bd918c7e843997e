"""What lets people watch a server: metrics, log lines, and whether it is ready."""

"""What a cluster gives, and what a pool of any size would take on one."""

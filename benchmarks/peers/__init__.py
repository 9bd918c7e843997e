"""The peers: other tools that do the same job, each in an environment of its own."""

from benchmarks.peers.environments import ENVIRONMENTS, Environment

__all__ = ["ENVIRONMENTS", "Environment"]

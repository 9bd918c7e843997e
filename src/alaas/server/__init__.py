"""The HTTP server. It only translates: every rule lives in the rooms below."""

from alaas.server.app import create_app
from alaas.server.embedded import Server
from alaas.server.serving import serve

__all__ = ["Server", "create_app", "serve"]

"""The command ``alaas``: one file a verb, all of them thin.

Nothing heavy is imported here, so that ``alaas --help`` answers at once; each verb imports what it needs.
"""

from __future__ import annotations

from alaas.cli._main import app, main

__all__ = ["app", "main"]

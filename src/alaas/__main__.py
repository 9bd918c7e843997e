"""``python -m alaas`` is the command ``alaas``."""

from alaas.cli import main

main()

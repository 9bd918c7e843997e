"""``python -m alaas.settings`` prints the settings page of the documentation."""

import sys

from alaas.settings import reference

sys.stdout.write(reference())

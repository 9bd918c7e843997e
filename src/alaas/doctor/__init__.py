"""What can be used on this machine, why not, and how to mend it."""

from alaas.doctor._examine import examine, measure_engines
from alaas.doctor._extras import extras, install
from alaas.doctor._words import Diagnosis, Finding, Group, State

__all__ = ["Diagnosis", "Finding", "Group", "State", "examine", "extras", "install", "measure_engines"]

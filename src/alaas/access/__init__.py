"""Access: who calls, with which key, and how often."""

from alaas.access._admission import Admission, KeyMode
from alaas.access._caller import ANYBODY, Caller
from alaas.access._keyring import Keyring
from alaas.access._rates import Rates
from alaas.access._token import Token, redact

__all__ = ["ANYBODY", "Admission", "Caller", "KeyMode", "Keyring", "Rates", "Token", "redact"]

"""What the engines that ask a server share: its address, calls that are tried again, batches cut to size."""

from alaas.engines._serving._address import ServerAddress
from alaas.engines._serving._http import HttpServer
from alaas.engines._serving._patience import PassingError, patiently
from alaas.engines._serving._refusal import AbsentError, RefusedError
from alaas.engines._serving._settings import CERTIFICATES, check_settings, parameters
from alaas.engines._serving._splitting import ServedModel

__all__ = [
    "CERTIFICATES",
    "AbsentError",
    "HttpServer",
    "PassingError",
    "RefusedError",
    "ServedModel",
    "ServerAddress",
    "check_settings",
    "parameters",
    "patiently",
]

"""The one decision at the door: who is this, and may they come in now."""

from __future__ import annotations

from typing import Literal, TypeAlias

from alaas.access._caller import ANYBODY, Caller
from alaas.access._keyring import MISSING, REFUSED, Keyring
from alaas.access._rates import Rates, bucket_of
from alaas.access._token import Token
from alaas.errors import KeyRequiredError

KeyMode: TypeAlias = Literal["auto", "required", "off"]


class Admission:
    """Lets callers in by their key, or everybody where no key is wanted; and nobody too often.

    Args:
        keyring: the keys.
        rates: how fast a key, or an address without one, may ask.
        mode: whether keys are wanted; ``auto``: if the server is ``exposed``, or once a key was made.
        exposed: whether others than this machine can reach the server and must not without a key.
    """

    def __init__(self, keyring: Keyring, rates: Rates, *, mode: KeyMode, exposed: bool) -> None:
        self.keyring = keyring
        self._rates = rates
        self._always = mode == "required" or (mode == "auto" and exposed)
        self._never = mode == "off"

    def wants_keys(self) -> bool:
        """Whether a key has to be shown; may ask the store."""
        return self._always or (not self._never and self.keyring.ever())

    def wants_keys_known(self) -> bool | None:
        """What ``wants_keys`` would say, without waiting; None if the store has to be asked."""
        return self._always or (False if self._never else self.keyring.ever_known())

    def at_once(self, shown: str | None, address: str, *, keyed: bool) -> Caller | None:
        """The caller if no look-up is needed; None if ``look_up`` has to settle it. Never waits.

        A key that was looked up moments ago pays with a token of its own bucket; everybody else with one of
        their address's, so that guessing keys is no faster than asking without one.

        Args:
            shown: the key that came with the request, if one did.
            address: where the request comes from.
            keyed: whether keys are wanted.

        Raises:
            RateError: too many requests.
            KeyRequiredError: no key was shown, or what was shown is none.
        """
        token = Token.read(shown) if keyed and shown is not None else None
        caller = self.keyring.known(token) if token is not None else None
        if caller is not None:
            self._rates.take(f"key {caller.key}")
            return caller
        self._rates.take(bucket_of(address))
        if not keyed:
            return ANYBODY
        if token is None:
            raise KeyRequiredError(MISSING if shown is None else REFUSED)
        return None

    def look_up(self, shown: str) -> Caller:
        """The caller whose key has to be looked up; asks the store.

        Raises:
            KeyRequiredError: it is not known, or was revoked.
            StoreError: the store cannot be asked.
        """
        token = Token.read(shown)
        if token is None:
            raise KeyRequiredError(REFUSED)
        return self.keyring.check(token)

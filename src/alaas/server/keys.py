"""Whether callers must show a key, and the first key of a server that wants one."""

from __future__ import annotations

import sys

from alaas.access import Admission, Keyring, Rates
from alaas.config import Config
from alaas.server.listen import hosts, is_loopback
from alaas.stores import KeyTable


def open_admission(config: Config, keys: KeyTable) -> Admission:
    """Who may come in under ``config``."""
    server, limits = config.server, config.limits
    local = all(is_loopback(host) for host in hosts(server))
    return Admission(
        Keyring(keys),
        Rates(limits.requests_per_second, limits.request_burst),
        mode=server.keys,
        exposed=not local and not server.allow_remote,
    )


def show_first_key(admission: Admission, url: str) -> str | None:
    """Make the first key where keys are wanted and there was never one; it is shown on stderr, once.

    Returns:
        The key; None if there was no need of one.

    Raises:
        StoreError: the store cannot be asked.
    """
    token = admission.keyring.first() if admission.wants_keys() else None
    if token is None:
        return None
    sys.stderr.write(
        f"This server wants a key. This is the first one, for an admin; it is shown only now:\n\n"
        f"    {token.text}\n\n"
        f"    curl -H 'Authorization: Bearer {token.text}' {url}/v1/strategies\n"
        f"    export ALAAS_KEY={token.text}    # for the clients and the command line\n\n"
        "Make one for everybody else: alaas key create NAME --role annotator\n"
    )
    sys.stderr.flush()
    return token.text

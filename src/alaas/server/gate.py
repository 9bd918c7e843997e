"""The gate before every route, and what a route says it needs.

``Gate`` stands before the application and finds out who calls; no route can forget it. ``Needs`` on a route
says what the caller must be allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from alaas.access import Admission, Caller
from alaas.errors import AlaasError
from alaas.server.errors import response_of
from alaas.stores import Role

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/openapi.json"})
"""What anybody may ask, as often as they like: those who watch over the process have no key."""

KEYED = "alaas.keyed"
"""In the scope of a request: whether keys are wanted of those who call."""


class Gate:
    """Finds out who calls, and refuses who may not come in.

    Args:
        app: the application behind it; it finds the caller as ``request.state.caller``.
        admission: who may come in, and how often.
    """

    def __init__(self, app: ASGIApp, *, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through or refuse."""
        if scope["type"] == "http":
            known = self._admission.wants_keys_known()
            scope[KEYED] = bool(known)
            if scope["path"] not in OPEN_PATHS:  # these answer even if the store cannot be asked
                try:
                    address = scope["client"][0] if scope.get("client") else ""
                    scope[KEYED], caller = await admit(self._admission, Headers(scope=scope), address)
                    scope.setdefault("state", {})["caller"] = caller
                except AlaasError as error:
                    await response_of(error)(scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def admit(admission: Admission, headers: Mapping[str, str], address: str) -> tuple[bool, Caller]:
    """Whether keys are wanted, and who calls.

    Args:
        admission: who may come in, and how often.
        headers: what came with the call; names are in lower case, or their case does not matter.
        address: where it comes from.

    Raises:
        RateError: too many calls.
        KeyRequiredError: no key, or one that is not known.
        StoreError: the store cannot be asked.
    """
    known = admission.wants_keys_known()
    keyed = await run_in_threadpool(admission.wants_keys) if known is None else known
    shown = _shown_key(headers)
    caller = admission.at_once(shown, address, keyed=keyed)
    if caller is None:
        caller = await run_in_threadpool(admission.look_up, shown or "")
    return keyed, caller


class Needs(SecurityBase):
    """What a route needs of its caller: ``Annotated[Caller, Depends(Needs("annotator", project="name"))]``.

    Args:
        role: the least role.
        project: the path parameter that names the project which the key must be good for.
        everywhere: whether the key must be good for all projects.
    """

    def __init__(self, role: Role, *, project: str | None = None, everywhere: bool = False) -> None:
        self.model = HTTPBearer(
            description="An API key where the server wants one; the header `X-API-Key` will do too."
        )
        self.scheme_name = "key"
        self.role: Role = role
        self.project = project
        self.everywhere = everywhere

    async def __call__(self, request: Request) -> Caller:
        """The caller of a request.

        Raises:
            AccessError: they may not do this.
        """
        caller = cast("Caller", request.state.caller)
        self.check(caller, None if self.project is None else str(request.path_params[self.project]))
        return caller

    def check(self, caller: Caller, project: str | None) -> None:
        """Return if the caller may do this in the project; None where it belongs to none.

        Raises:
            AccessError: they may not.
        """
        caller.require(self.role, project, everywhere=self.everywhere)


def _shown_key(headers: Mapping[str, str]) -> str | None:
    """The key of a request; None if it brings none."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return headers.get("x-api-key")

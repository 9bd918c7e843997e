"""The extras: optional packages by the name that pip takes."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from alaas.doctor._words import Finding, Group

_PACKAGE = "alaas"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def install(extra: str) -> str:
    """The command that adds an extra."""
    return f'pip install "{_PACKAGE}[{extra}]"'


def extras_group() -> Group:
    """Each extra: the versions of its packages, or how to install it."""
    return Group(
        title="extras", findings=tuple(_extra(name, packages) for name, packages in extras().items())
    )


def extras() -> dict[str, list[str]]:
    """Extra → names of its packages, as the installed package declares them; empty if it is not installed."""
    try:
        named: list[str] = metadata(_PACKAGE).get_all("Provides-Extra") or []
        needed = requires(_PACKAGE) or []
    except PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {name: [] for name in sorted(named)}
    for requirement in needed:
        package = _NAME.match(requirement)
        for extra in _EXTRA.findall(requirement):
            if package is not None and extra in found:
                found[extra].append(package.group())
    return found


def _extra(name: str, packages: list[str]) -> Finding:
    present, missing = [], []
    for package in packages:
        try:
            present.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return Finding(name=name, state="absent", detail=f"no {', '.join(missing)}", mend=install(name))
    return Finding(name=name, detail=", ".join(present))

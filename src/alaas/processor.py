"""What the processor is and what it can compute in, as far as the system says it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_LOW_PRECISION = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "avx_vnni": "VNNI",
    "avx512_bf16": "BF16",
    "amx_tile": "AMX",
    "asimd": "NEON",
    "bf16": "BF16",
    "i8mm": "I8MM",
}
"""The system's names of what makes a model fast → what people call it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Processor:
    """``model`` as its maker calls it; ``flags`` are the system's names of its instruction sets, sorted."""

    model: str
    flags: tuple[str, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """The instruction sets that matter to models, by the names that people know."""
        return tuple(dict.fromkeys(name for flag, name in _LOW_PRECISION.items() if flag in self.flags))


@lru_cache
def processor(cpuinfo: Path = _CPUINFO) -> Processor:
    """The processor of this machine; outside Linux without flags."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    fields: dict[str, str] = {}
    for line in lines:  # one block a core; the first stands for all
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    flags = fields.get("flags") or fields.get("features") or ""
    model = fields.get("model name") or platform.processor() or platform.machine()
    return Processor(model=model, flags=tuple(sorted(flags.split())))

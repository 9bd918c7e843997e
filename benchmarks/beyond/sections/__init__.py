"""What a run measures, one file a section."""

from __future__ import annotations

from benchmarks.beyond.sections._base import Run, Section
from benchmarks.beyond.sections.automatic import Automatic
from benchmarks.beyond.sections.growth import Growth
from benchmarks.beyond.sections.precisions import Precisions
from benchmarks.beyond.sections.ray import Ray
from benchmarks.beyond.sections.remote import Remote

SECTIONS: dict[str, Section] = {
    section.name: section for section in (Automatic(), Remote(), Precisions(), Ray(), Growth())
}
"""In the order in which they are measured."""

__all__ = ["SECTIONS", "Run", "Section"]

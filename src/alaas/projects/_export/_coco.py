"""COCO, as far as it is about classes of whole images: https://cocodataset.org/#format-data"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from alaas.projects._export._row import ExportRow, classes_of, to_json
from alaas.stores import ItemRow

_IN_MEMORY: Final = 1 << 22
"""Bytes of annotations that wait in memory for the last image to be written; more wait on disk."""
_CATEGORY_BITS: Final = 20


def coco(project: str, classes: Sequence[str], rows: Iterable[ExportRow]) -> Iterator[str]:
    """Write ``images``, one an item, and ``annotations``, one a class of an item's label.

    Numbers stay the same from export to export: an image's is that of its item, from 1; a category's its
    place among the classes, from 1; an annotation's is made of both. Widths, heights and boxes, which a
    label of a whole image does not have, are left out.
    """
    # Classes that labels have and the list lacks get numbers after it, and are listed when all are known.
    numbers = {name: number for number, name in enumerate(classes, start=1)}
    yield f'{{"info": {to_json({"description": project, "version": "1.0"})}, "licenses": [], "images": ['
    with SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+", encoding="utf-8", newline="\n") as waiting:
        for place, row in enumerate(rows):
            yield (",\n" if place else "\n") + to_json(_image(row.item))
            for name in classes_of(row.item.label):
                category = numbers.setdefault(name, len(numbers) + 1)
                waiting.write(to_json(_annotation(row.item.number, category)) + "\n")
        yield '\n], "annotations": ['
        waiting.seek(0)
        for place, line in enumerate(waiting):
            yield (",\n" if place else "\n") + line.rstrip("\n")
    categories = ({"id": number, "name": name, "supercategory": "none"} for name, number in numbers.items())
    yield f'\n], "categories": {to_json(list(categories))}}}\n'


def _image(item: ItemRow) -> dict[str, Any]:
    # A data: URI is the picture itself, not its name.
    named = item.uri is not None and not item.uri.startswith("data:")
    file = item.uri if named else item.id
    image = {"id": item.number + 1, "file_name": file, "item": item.id}
    return image | {"state": item.state, "role": item.role}


def _annotation(number: int, category: int) -> dict[str, Any]:
    return {
        "id": (number + 1 << _CATEGORY_BITS) | category,
        "image_id": number + 1,
        "category_id": category,
    }

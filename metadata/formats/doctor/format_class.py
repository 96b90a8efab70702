"""Fault 6: a format class that the type does not belong to. The type is the closer word, so the class follows it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table
from standards.codes import table as code_table

_SEPARATORS: Final = re.compile(r"[,，、;；/|\n]+")
_OF_ANY_TYPE: Final = frozenset(
    {"自描述格式", "服务接口"}
)  # their types are the provider's own: xml may come by service


def find_format_classes(table: Table, known: Known) -> Iterator[Proposal]:
    """Rows whose class is another than that of all their types (guide, element 7)."""
    del known
    if not {"format_category", "format"} <= set(table.columns):
        return
    types = table.column("format")
    for index, stated in enumerate(table.column("format_category")):
        if not stated or not types[index]:
            continue
        classes = classes_of(types[index])
        if not classes or set(_SEPARATORS.split(stated)) & classes:
            continue
        if len(classes) > 1:
            zh = f"格式类型“{types[index][:50]}”分属{'、'.join(sorted(classes))}，与“{stated[:50]}”不符"
            yield Proposal("format_class", index, "format_category", None, zh, "the types belong to other classes")
            continue
        (right,) = classes
        is_certain = stated not in _OF_ANY_TYPE
        zh = f"{types[index][:50]} 属于{right}，不是“{stated[:50]}”"
        if not is_certain:
            zh += "；若确是按自有格式或接口提供，可不改"
        en = "the type belongs to another class of the guide's list"
        yield Proposal("format_class", index, "format_category", right, zh, en, is_certain)


@lru_cache(maxsize=10_000)
def classes_of(types: str) -> frozenset[str]:
    """The guide's classes of the types in a cell; types that are not in its list have none."""
    listed = code_table("guide2017-format-type")
    found = (listed.fix(word.strip().casefold().lstrip(".")) for word in _SEPARATORS.split(types))
    return frozenset(listed.codes[key].parent for key in found if key is not None)

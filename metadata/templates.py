"""The record with which a new entry of a base library begins: its class, format and typical items. Pure.

The items are those of ``standards``' tables of base items, whose column ``representation`` (``an18``, ``a..200``,
``n6``, ``YYYYMMDD``) becomes type letter and length. Whether it is shared is never filled in: somebody must decide.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from metadata.checks import DATA_ELEMENTS
from metadata.resource import UNTITLED, Category, Format, Item, Openness, Party, Resource, Sharing, Volumes
from standards.catalogue import standards
from standards.codes import is_table, rows, table

_THEMES: Final[Mapping[str, str]] = {
    "population": "公安",
    "legal_person": "工商",
    "geospatial": "测绘",
    "statistics": "统计",
}
_SENSITIVITIES: Final[Mapping[str, int]] = {"public": 1, "internal": 2, "by class": 2, "personal": 3, "sensitive": 4}
_TYPES: Final[Mapping[str, str]] = {"YYYYMMDD": "D", "text": "M", "decimal": "N", "WKB": "G", "1:n": "N"}
_DATE_LENGTH: Final = 8
_NUMBER = re.compile(r"n\.\.([0-9]+),([0-9]+)\+?")  # n..9,6+: up to nine digits, six of them decimals
_CHARACTERS = re.compile(r"(?:an|a|n)(?:\.\.)?([0-9]+)")  # an18, a..200; n6 is a code and keeps its leading zeros


def starting_record(library: str, provider: Party) -> Resource:
    """The built-in template of a library; for one that the standards do not know, an empty record of that library."""
    name = f"base-items-{library.replace('_', '-')}"
    if name not in standards():
        return Resource(title=UNTITLED, provider=provider, library=library)
    items = [_item(library, row) for row in rows(name) if _sensitivity(row) is not None]
    return Resource(
        title=UNTITLED,
        provider=provider,
        library=library,
        categories=(Category(name=_THEMES[library]),) if library in _THEMES else (),
        formats=(Format(category="数据库"),),
        items=tuple(items),
    )


def without_identity(record: Resource) -> Resource:
    """The content of an entry without what makes it that entry: numbers, dates, volumes, assessments and mounts."""
    gone: dict[str, Any] = {"identifier": "", "code": "", "metadata_id": "", "published_on": None, "updated_on": None}
    return record.model_copy(update=gone | {"volumes": Volumes(), "assessments": (), "mounts": ()})


def as_template(record: Resource, library: str) -> Resource:
    """A template made of an entry: nobody's title, sharing undecided, and nothing of the one department's systems."""
    gone: dict[str, Any] = {"title": UNTITLED, "library": library, "sharing": Sharing(), "openness": Openness()}
    gone |= {"abstract": "", "maintainer": None, "source_system": "", "online_links": (), "service_url": ""}
    return without_identity(record).model_copy(
        update=gone | {"service_type": "", "related_codes": (), "class_code": ""}
    )


def _item(library: str, row: Mapping[str, str]) -> Item:
    form, listed = row["representation"], row["code_list"]
    type_code, length, precision = _shape(form)
    is_key = (listed in DATA_ELEMENTS and row["seq"] == "1") or row["rule"] == "key part"
    return Item.model_validate(
        {
            "name": row["zh_name"],
            "field": row["field"],
            "type_code": type_code,
            "length": length,
            "precision": precision,
            "is_key": is_key,
            "is_nullable": not is_key and not row["rule"].startswith("not empty"),
            "data_element": listed if listed in DATA_ELEMENTS else "",
            "code_table": _code_table(listed, length),
            "sensitivity": _sensitivity(row),
            "base_item": f"{library}/{row['field']}",
            "unit": "万元" if "万元" in form else "米" if form.endswith(" m") else "",
        }
    )


def _shape(form: str) -> tuple[str, int | None, int | None]:
    """Type letter, length and decimal places of a representation; the longest of alternatives (``n9 or n12``)."""
    number = _NUMBER.match(form)
    if number is not None:
        return "N", int(number[1]), int(number[2])
    if "or 长期" in form:  # a date, or the words that it has no end
        return "C", _DATE_LENGTH, None
    for start, letter in _TYPES.items():
        if form.startswith(start):
            return letter, _DATE_LENGTH if letter == "D" else None, None
    lengths = [int(found) for found in _CHARACTERS.findall(form)]
    if "+" in form:  # an1+n4: one after the other
        return "C", sum(lengths), None
    return "C", max(lengths, default=None), None


def _code_table(listed: str, length: int | None) -> str:
    """The table whose codes are as long as the item: that of provinces is no table for six-digit regions."""
    if not is_table(listed) or {len(code) for code in table(listed).codes} != {length}:
        return ""
    return listed


def _sensitivity(row: Mapping[str, str]) -> int | None:
    """1 to 4; None for a gate of the library itself (密级, 个体标志), which is no item of an entry."""
    return _SENSITIVITIES.get(row["suggested_sensitivity"].partition(",")[0])

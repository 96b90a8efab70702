"""What an entry is filed under, from its plain row. Pure.

Records written by earlier releases may lack what came later, so such keys are asked for and not relied on.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from directory.resources.rows import EntryRow
from directory.search.folding import fold

THEME_SCHEME = "主题分类"


def given(*values: str | None) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(filter(None, values))


def formats(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of each format, or what else is said of it."""
    named = (
        name
        for each in record["formats"]
        for name in (each["types"] or given(each.get("other") or each.get("category")))
    )
    return tuple(dict.fromkeys(named))


def themes(row: EntryRow) -> tuple[str, ...]:
    """The names of its subject classes."""
    return tuple(each["name"] for each in row.record["categories"] if each["scheme"] == THEME_SCHEME)


def mounts(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of what is mounted, or ``none``."""
    return tuple(sorted({each["kind"] for each in record["mounts"]})) or ("none",)


def openness(row: EntryRow) -> tuple[str, ...]:
    """``open``, ``closed``, or nothing while nobody has decided."""
    return {True: ("open",), False: ("closed",)}.get(row.record["openness"]["is_open"], ())


def regions_of(row: EntryRow) -> tuple[str, ...]:
    """Its region code in full."""
    return tuple(full_region(code) for code in given(row.record["extent"]["region_code"]))


def full_region(code: str) -> str:
    """A province or prefecture may be written short: 45 is 450000, 4501 is 450100."""
    return code.ljust(6, "0")


def items(row: EntryRow) -> tuple[str, ...]:
    """The names and fields of its items, folded."""
    return tuple({_folded(text) for each in row.record["items"] for text in (each["name"], each["field"])})


_folded = lru_cache(maxsize=1 << 14)(fold)  # the names of items come again and again


def base_items(row: EntryRow) -> tuple[str, ...]:
    """The standard items that its items are."""
    return tuple({each["base_item"] for each in row.record["items"] if each.get("base_item")})

"""What can be chosen in the form and what is suggested, from the code tables and the house's words. Pure."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from metadata.checks import DATA_ELEMENTS
from metadata.words import (
    CYCLES,
    LIBRARIES,
    METHODS,
    MOUNT_KINDS,
    SENSITIVITIES,
    SHARE_TYPES,
    TYPE_CODES,
)
from standards import catalogue
from standards.codes import rows, table


def _labels(name: str) -> Mapping[str, str]:
    return {code: code for code in table(name).codes}


OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "library": LIBRARIES,
    "update_cycle": CYCLES,
    "categories.scheme": _labels("gbt21063-4-schemes"),
    "formats.category": _labels("guide2017-format-category"),
    "items.type_code": {code: f"{words} {code}" for code, words in TYPE_CODES.items()},
    "items.sensitivity": {str(level): words for level, words in SENSITIVITIES.items()},
    "sharing.share_type": SHARE_TYPES,
    "sharing.method_category": _labels("guide2017-method-category"),
    "sharing.method_types": METHODS,
    "mounts.kind": MOUNT_KINDS,
}
LONG: Final = frozenset({"sharing.conditions", "sharing.scope", "openness.conditions", "items.description"})
WORDS: Final = frozenset({"keywords", "formats.types"})
RADIOS: Final = frozenset({"sharing.share_type", "secrecy"})

_GRADES = ("一般数据1级", "一般数据2级", "一般数据3级", "一般数据4级", "重要数据", "核心数据")
_BASE_TABLES = {library: f"base-items-{library.replace('_', '-')}" for library in LIBRARIES}


@cache
def suggestions() -> Mapping[str, Mapping[str, str]]:
    """Values with their labels by list; a field that names the list takes any other text too."""
    themes = table("gbt21063-4-themes")
    code_tables = {_spoken(entry): entry.title for entry in catalogue.standards().values() if entry.codes is not None}
    base_items = {
        f"{library}/{row['field']}": row["zh_name"] for library, name in _BASE_TABLES.items() for row in rows(name)
    }
    return {
        "themes": {code.label: path for path, code in themes.codes.items()},
        "code-tables": code_tables,
        "data-elements": {name: table_title for name, table_title in _ELEMENT_TITLES.items() if name in DATA_ELEMENTS},
        "base-items": base_items,
        "grades": dict.fromkeys(_GRADES, ""),
        "systems": {code: entry.label for code, entry in table("geospatial-crs").codes.items()},
    }


def _spoken(entry: catalogue.Standard) -> str:
    """The name by which people call a code table: GB/T 3304 rather than gbt3304-ethnicity."""
    names = [name for name, each in catalogue.standards().items() if each is entry]
    return min(names, key=lambda name: (not name.startswith("GB"), len(name)))


_ELEMENT_TITLES = {"GB 11643": "公民身份号码", "GB 32100": "统一社会信用代码", "GB 11714": "组织机构代码"}

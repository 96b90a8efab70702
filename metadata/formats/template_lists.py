"""What can be chosen in a column of the template, and the lists of its sheet 代码表."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from metadata.checks import DATA_ELEMENTS
from metadata.formats.workbook_elements import ELEMENTS
from metadata.formats.workbook_values import LIBRARIES, SECRECY, SENSITIVITIES
from standards import catalogue, codes

_FLAG: Final = ("是", "否")
_OPEN: Final = frozenset(
    {"format_category", "format", "share_method", "theme", "industry", "library", "item_data_element"}
)


@dataclass(frozen=True)
class Choice:
    """The values of one column's list. ``is_open``: others, or several at once, may be written too."""

    values: tuple[str, ...]
    is_open: bool


def choices() -> Mapping[str, Choice]:
    """The lists by element, in the order of the columns."""
    lists = {
        "library": tuple(LIBRARIES.values()),
        "secrecy": SECRECY,
        "openness": _FLAG,
        "theme": tuple(row["name"] for row in codes.rows("gbt21063-4-themes") if row["level"] == "1"),
        "item_sensitivity": tuple(SENSITIVITIES.values()),
        "item_type": tuple(f"{each.code} {each.label}" for each in codes.table("guide2017-item-type").codes.values()),
        "item_code_table": tuple(sorted({each.standard_id for each in catalogue.standards().values() if each.codes})),
        "item_data_element": tuple(sorted(DATA_ELEMENTS)),
    }
    found = {}
    for key, element in ELEMENTS.items():
        values = lists.get(key, _FLAG if element.kind == "flag" else ())
        if not values and element.table:
            values = tuple(each.label for each in codes.table(element.table).codes.values())
        if values:
            found[key] = Choice(values, is_open=key in _OPEN)
    return found


def class_codes() -> tuple[tuple[str, str], ...]:
    """The guide's 类 and 项: code and name, for reading up."""
    return tuple((each.code, each.label) for each in codes.table("guide2017-class").codes.values())

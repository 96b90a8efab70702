"""The ten faults of real catalogue sheets, and what is found of them: one cell, its value, and what it should be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from metadata.record import Record

Fault = Literal[
    "system_name",
    "filled_code",
    "near_duplicate",
    "short_code",
    "empty_cell",
    "format_class",
    "share_method",
    "unit_in_number",
    "numbered_label",
    "text_date",
]

FAULTS: Final[Mapping[Fault, tuple[str, str]]] = MappingProxyType(
    {
        "system_name": ("系统名称当作资源名称或部门", "a system's name stands for a resource or a department"),
        "filled_code": ("下拉填充造成代码或名称递增", "codes or names counted up by dragging"),
        "near_duplicate": ("名称只差标点、空格或字形", "names that differ only by punctuation, spaces or letter form"),
        "short_code": ("代码过短或写法不一", "codes too short, or written in different ways"),
        "empty_cell": ("提供方或摘要为空", "no provider or no summary"),
        "format_class": ("格式分类与格式类型不符", "the format class does not fit the format type"),
        "share_method": (
            "共享方式与格式或共享类型不符",
            "the sharing method fits neither the format nor the share type",
        ),
        "unit_in_number": ("数字里写了单位", "a number with its unit"),
        "numbered_label": ("选项填成编号或非标准说法", "a number or a loose wording for a listed choice"),
        "text_date": ("日期写成其他形式的文字", "a date written as other text"),
    }
)


class Repair(Record):
    """What is wrong with one cell, and what to put there.

    ``after`` is None where a person must fill in, empty where the cell is to be cleared. A certain repair overwrites
    nothing that might be right; the others are offered, and taken only when a person ticks them. ``row`` and ``column``
    (a letter) are as a spreadsheet program shows them; in a merged range they are those of its first cell.
    """

    fault: Fault
    sheet: str
    row: int
    column: str
    before: str
    after: str | None
    reason_zh: str
    reason_en: str
    is_certain: bool = False


@dataclass(frozen=True)
class Known:
    """What the directory knows: departments with their codes, codes issued, and (provider, title) of its entries.

    One department alone in ``organisations`` is the one whose sheet is being read.
    """

    organisations: Mapping[str, str] = field(default_factory=dict)
    codes_taken: frozenset[str] = frozenset()
    titles: frozenset[tuple[str, str]] = frozenset()

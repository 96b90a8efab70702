"""Which column of a sheet holds which element of the catalogue.

Names are those of the 2017 guide (发改高技〔2017〕1272号), of its provincial forms, and of open-data portals' exports.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from metadata.errors import MetadataError
from metadata.formats.spreadsheet import Row, Sheet

# Element -> the headers that stand for it; the first is what a person is told.
ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "title": ("资源名称", "信息资源名称", "目录名称", "数据集名称", "数据目录名称"),
    "provider": ("来源部门", "信息资源提供方", "资源提供方", "提供方", "提供部门", "提供单位", "数源部门"),
    "provider_code": ("提供方代码", "信息资源提供方代码", "资源提供方代码", "统一社会信用代码"),
    "code": ("资源代码", "信息资源代码", "信息资源编码"),
    "abstract": ("摘要", "信息资源摘要", "资源摘要", "描述", "资源描述"),
    "keywords": ("关键字", "关键词"),
    "format_category": ("格式分类", "信息资源格式分类", "资源格式分类"),
    "format": ("格式", "分发格式", "信息资源格式", "信息资源格式类型", "资源格式", "格式类型"),
    "format_other": ("其他类型资源格式描述",),
    "theme": ("主题", "主题分类", "所属主题"),
    "industry": ("所属行业", "行业", "行业分类"),
    "share_type": ("共享类型", "共享属性"),
    "share_conditions": ("共享条件",),
    "share_method_category": ("共享方式分类",),
    "share_method": ("共享方式", "共享方式类型"),
    "openness": ("开放状态", "是否向社会开放", "开放属性", "开放类型"),
    "open_conditions": ("开放条件",),
    "update_cycle": ("更新频率", "更新周期"),
    "published_on": ("发布时间", "发布日期"),
    "updated_on": ("最后更新时间", "更新时间", "更新日期"),
    "related_codes": ("关联资源代码", "关联及类目名称"),
    "item_name": ("信息项名称", "数据项名称", "信息项"),
    "item_field": ("字段名", "字段名称", "信息项英文名", "数据项英文名"),
    "item_type": ("数据类型", "信息项类型"),
    "item_length": ("数据长度", "信息项长度"),
}
REQUIRED = ("title", "provider")

_TITLES_ABOVE = 10  # rows of headings, notes and merged titles that may stand above the header row


@dataclass(frozen=True)
class Header:
    """The header row of a sheet, element by column index, and the headers that are no element."""

    row: Row
    columns: Mapping[int, str]
    unknown: Mapping[int, str]


def plain(text: str) -> str:
    """A header's name without what people add to it: full width, spaces, line breaks, stars, （必填）, units."""
    name = "".join(unicodedata.normalize("NFKC", text).split()).replace("*", "")
    return name.partition("(")[0] or name


_BY_HEADER = {plain(header): element for element, headers in ELEMENTS.items() for header in headers}


def is_header(text: str) -> bool:
    """Whether a text is itself the name of an element: in a data row, a sign that the row is shifted."""
    return plain(text) in _BY_HEADER


def find_header(sheet: Sheet, file_name: str, required: tuple[str, ...]) -> Header | None:
    """The sheet's header row, None where no row near the top has the required elements.

    Raises ``MetadataError HEADERS_DOUBLED`` where two columns stand for one element.
    """
    for row in sheet.rows[:_TITLES_ABOVE]:
        names = _names(row)
        columns = {index: _BY_HEADER[plain(name)] for index, name in names.items() if is_header(name)}
        if not set(required) <= set(columns.values()):
            continue
        for element in ELEMENTS:
            doubled = [names[index] for index, found in columns.items() if found == element]
            if len(doubled) > 1:
                raise MetadataError("HEADERS_DOUBLED", name=file_name, headers="、".join(doubled))
        unknown = {index: name for index, name in names.items() if index not in columns}
        return Header(row, columns, unknown)
    return None


def missing_elements(sheets: tuple[Sheet, ...], required: tuple[str, ...]) -> list[str]:
    """The names of the required elements that no row near the top of any sheet has (of the best row)."""
    rows = [row for sheet in sheets for row in sheet.rows[:_TITLES_ABOVE]]
    found = [{_BY_HEADER.get(plain(name)) for name in _names(row).values()} for row in rows]
    best = max(found, key=lambda elements: len(elements & set(required)), default=set())
    return [ELEMENTS[element][0] for element in required if element not in best]


def _names(row: Row) -> dict[int, str]:
    return {index: cell for index, cell in enumerate(row.cells) if isinstance(cell, str)}

"""Which element of the catalogue a header names, alone or under the header of a group of columns.

Headers are compared in simplified characters, without what people add: full width, spaces, stars, （必填）, units.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from opencc import OpenCC

from metadata.formats.workbook_elements import ELEMENTS
from metadata.formats.workbook_text import visible

_LONGEST_HEADER: Final = 60  # characters; what is longer is a note or a value

# Group of columns -> (its other names, the columns in it). Survey template: two rows of headers, the upper one merged.
_GROUPS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "提供方": (
        "信息资源提供方 资源提供方 提供部门",
        {"提供方": "provider", "名称": "provider", "部门": "provider", "内部部门": "division", "代码": "provider_code"},
    ),
    "格式": (
        "信息资源格式 资源格式 数据格式",
        {"分类": "format_category", "类型": "format", "其他描述": "format_other", "描述": "format_other"},
    ),
    "大普查": (
        "信息资源大普查 资源大普查",
        {
            name: key
            for key, each in ELEMENTS.items()
            if key.startswith("volume_")
            for name in (each.label, *each.names)
        },
    ),
    "总量": ("存储总量 数据总量", {"存储量": "volume_stored_gb", "记录数": "volume_stored_records"}),
    "已共享": ("已共享量", {"存储量": "volume_shared_gb", "记录数": "volume_shared_records"}),
    "已开放": ("已开放量", {"存储量": "volume_open_gb", "记录数": "volume_open_records"}),
    "信息项": (
        "信息项信息 数据项 数据项信息",
        {"名称": "item_name", "类型": "item_type", "长度": "item_length", "说明": "item_description"},
    ),
    "共享属性": ("共享 共享信息", {"类型": "share_type", "条件": "share_conditions", "范围": "share_scope"}),
    "共享方式": ("", {"分类": "share_method_category", "类型": "share_method"}),
    "开放属性": (
        "开放 开放信息",
        {"是否": "openness", "是否开放": "openness", "类型": "openness", "条件": "open_conditions"},
    ),
    "维护方": ("", {"名称": "maintainer", "代码": "maintainer_code", "内部部门": "maintainer_division"}),
}
_VAGUE: Final = frozenset(
    {"名称", "代码", "类型", "分类", "条件", "描述", "格式", "行业", "主题"}
)  # mean nothing in a group


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters, character by character and word by word as OpenCC's t2s has it."""
    return str(_to_simplified().convert(text))


def plain(text: str) -> str:
    """A header's name without full width, spaces, line breaks, stars, （必填）, units; in simplified characters."""
    if len(text) > _LONGEST_HEADER:
        return text
    name = "".join(unicodedata.normalize("NFKC", visible(text)).split()).replace("*", "")
    name = name.partition("(")[0] or name
    return name if name.isascii() else simplified(name)


_BY_HEADER: Final = MappingProxyType(
    {plain(header): key for key, each in ELEMENTS.items() for header in (each.label, *each.names)}
)
_BY_GROUP: Final = MappingProxyType(
    {
        plain(name): {plain(child): key for child, key in columns.items()}
        for group, (names, columns) in _GROUPS.items()
        for name in (group, *names.split())
    }
)
# Headers of English forms and exports. In a data row such a word is a good value, so none of them is a sign of a shift.
_ENGLISH: Final = {
    "title": "title name dataset datasettitle datasetname resourcename resourcetitle",
    "provider": "provider publisher department organisation organization agency dataprovider publishername",
    "provider_code": "providercode departmentcode organisationcode organizationcode",
    "abstract": "abstract description summary datasetdescription resourcedescription notes",
    "code": "resourcecode cataloguecode",
    "format": "format formats fileformat dataformat",
    "share_type": "sharetype sharingtype",
    "share_conditions": "shareconditions sharingconditions",
    "update_cycle": "updatecycle updatefrequency frequency accrualperiodicity",
    "theme": "theme subject topic",
    "keywords": "keywords keyword tags",
    "published_on": "published publishedon publicationdate releasedate issued datepublished",
    "updated_on": "updated updatedon lastupdated modified lastmodified datemodified",
    "online_links": "link url links onlinelink landingpage accessurl downloadurl",
    "source_system": "sourcesystem",
    "region_code": "regioncode",
    "maintainer": "maintainer",
    "item_name": "itemname columntitle",
    "item_field": "field fieldname columnname",
    "item_type": "datatype fieldtype",
    "item_length": "length datalength fieldlength",
    "item_description": "itemdescription fielddescription columndescription",
}
_BY_ENGLISH: Final = MappingProxyType({name: key for key, names in _ENGLISH.items() for name in names.split()})
_LONGEST_NAME: Final = max(map(len, _BY_HEADER))


def is_header(text: str) -> bool:
    """Whether a text is itself the name of an element: in a data row, a sign that the row is shifted."""
    return text in _BY_HEADER or (len(text) <= _LONGEST_NAME + 6 and not text.isascii() and plain(text) in _BY_HEADER)


def element_of(path: Sequence[str]) -> str:
    """The element that a column's headers name, the highest first; empty when none does.

    In a group of columns that is known only the group's own names count: 名称 under 信息项 is no title.
    """
    names = [plain(name) for name in path]
    if not names:
        return ""
    *above, last = names
    for group in reversed(above):
        if group in _BY_GROUP:
            inside = _BY_GROUP[group]
            own = inside.get(last) or _BY_HEADER.get(group + last)
            return own or ("" if last in _VAGUE else _BY_HEADER.get(last, ""))
    return _BY_HEADER.get(last) or (_BY_ENGLISH.get(_letters(last), "") if last.isascii() else "")


def _letters(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())


def known_names() -> Mapping[str, str]:
    """Every name of a column as ``plain`` gives it, and its element."""
    return _BY_HEADER

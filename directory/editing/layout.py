"""The form of an entry: its sections and fields, derived from ``metadata.resource.Resource``.

A field's widget follows from its type in the record, its name from ``metadata.paths``, its mark from
``metadata.rules``.
Declared here is only what those cannot know: where a field stands, what may be chosen or is suggested, and the hint.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from directory.editing.options import LONG, OPTIONS, RADIOS, WORDS
from directory.editing.widgets import Box, Checks, Choice, Day, Flag, Grid, Line, Lines, Number, Text, Widget, Words
from metadata.paths import LABELS
from metadata.record import Record
from metadata.resource import Resource


@dataclass(frozen=True)
class Field:
    """One field: its path without positions, and how it is typed. In a table ``name`` is the column's."""

    path: str
    label: str
    widget: Widget
    hint: str = ""
    offers: str = ""
    when: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Table:
    """Several records of one type as rows. ``further`` are the columns that stand in a row's second line.

    ``new`` is how an empty row begins, ``room`` how many of them an empty table offers.
    """

    path: str
    label: str
    columns: Sequence[Field]
    further: Sequence[Field]
    new: Mapping[str, tuple[str, ...]]
    hint: str = ""
    room: int = 1
    when: str = ""

    @property
    def fields(self) -> Sequence[Field]:
        return (*self.columns, *self.further)


@dataclass(frozen=True)
class Section:
    """A panel of the form. Those that are ``is_folded`` open by themselves when there is something in them."""

    name: str
    title: str
    purpose: str
    parts: Sequence[Field | Table]
    is_folded: bool = False


NOT_TYPED: Final[Mapping[str, str]] = {
    "identifier": "minted",
    "code": "minted",
    "metadata_id": "given at registration",
    "provider.name": "as registered",
    "provider.code": "as registered",
    "published_on": "set by publication",
    "updated_on": "set by each edit",
    "assessments": "recorded on their own page",
}
"""Fields of the record that nobody types here, and why; they stay as they are."""

_HINTS: Final[Mapping[str, str]] = {
    "title": "写数据是什么，不写系统名称，如“企业登记基本信息”。",
    "class_code": "2017 年指南的类、项、目、细目，至少 6 位数字；不填则按基础库由系统选定。赋码后不能更改。",
    "abstract": "里面有什么数据、覆盖哪些对象和地域、从何时起，100 至 200 字为宜。",
    "keywords": "用顿号或逗号隔开，如 企业、登记、市场主体。",
    "source_system": "数据出自哪个业务系统。",
    "categories": "主题分类从表中选；可以有多个分类。",
    "data_class": "按本地分类分级办法填写。",
    "data_grade": "按本地分类分级办法填写，如 一般数据2级。",
    "secrecy": "工作秘密、国家秘密不属于政务数据，不得编入目录。",
    "formats": "写原始格式；电子表格和数据库须逐项列出数据项。",
    "online_links": "每行一个网址。",
    "items": "一行一个数据项。可以从 Excel 整表粘贴。",
    "sharing.conditions": "无条件共享写明用途，如 工作参考、数据校核、业务协同；有条件共享写明条件。",
    "sharing.scope": "哪些部门、层级或系统可以使用。",
    "sharing.purposes": "每行一种用途。",
    "sharing.refusal_reasons": "每行一条。",
    "sharing.legal_basis": "须是法律、行政法规或国务院决定，写到条款。",
    "sharing.needs_office_approval": "勾选后，提供部门同意之后还须信息办同意。",
    "openness.conditions": "开放给社会公众时的条件和范围。",
    "extent.region_code": "GB/T 2260 代码：2、4、6、9 或 12 位数字。",
    "extent.box_mas": "单位为度，如 120.1552，也可写 120°9′18.7″。",
    "extent.crs": "空间数据须写明，一般为 EPSG:4490（CGCS2000）。",
    "extent.scale": "1:10000 写 10000。",
    "extent.begins_on": "数据从哪天起，如 1979-10-01。",
    "extent.ends_on": "留空表示至今。",
    "is_microdata": "统计调查的微观数据不得提供（统计法第二十八条）。",
    "related_codes": "同一资源在其他目录中的信息资源代码，每行一个。",
    "mounts.columns": "只有库表要填。每行：数据项字段名 列名 列类型，如 xm name character varying(50)。",
    "mounts.mount_id": "本条目录内不重复的短名，如 m1；定了不改。",
    "mounts.path": "节点供数文件夹（node.toml 的 served_folder）以内的相对路径；文件夹写到文件夹名。",
    "maintainer.name": "与提供单位相同时可以不填。",
}
_OFFERS: Final[Mapping[str, str]] = {
    "categories.name": "themes",
    "items.code_table": "code-tables",
    "items.data_element": "data-elements",
    "items.base_item": "base-items",
    "items.lead_department": "departments",
    "mounts.node": "nodes",
    "maintainer.name": "departments",
    "data_grade": "grades",
    "extent.crs": "systems",
}
_WHEN: Final[Mapping[str, str]] = {
    "sharing.scope": "conditional",
    "sharing.purposes": "conditional",
    "sharing.needs_office_approval": "conditional",
    "sharing.legal_basis": "none",
    "sharing.refusal_reasons": "none",
    "sharing.method_category": "shared",
    "sharing.method_types": "shared",
    "openness.conditions": "open",
}
"""Which part of the form a field belongs to that only some choices ask for; the style sheet hides the others."""

_FURTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "items": ("data_element", "data_class", "base_item", "lead_department", "unit", "description"),
    "mounts": ("schema_name", "table", "path", "url", "media_type", "columns"),
}
_ROOM: Final[Mapping[str, int]] = {"items": 3, "mounts": 0}
_SECTIONS: Final = (
    (
        "basics",
        "基本情况",
        "叫什么、有什么、归谁管。",
        "title library class_code abstract keywords source_system",
        False,
    ),
    ("classes", "分类分级", "按什么分类、属于哪一级。", "categories data_class data_grade secrecy thesaurus", False),
    ("formats", "格式与更新", "原始数据是什么格式、多久更新一次。", "formats update_cycle", False),
    ("items", "数据项", "资源里有哪些字段。", "items", False),
    ("sharing", "共享属性", "能不能给、怎样给、凭什么不给（条例第十四、十五条）。", "sharing", False),
    ("openness", "开放属性", "能否向社会公众开放；与部门间共享是两回事。", "openness", False),
    ("mounts", "挂接资源", "目录背后真实的库表、文件、文件夹或接口。", "mounts", True),
    ("extent", "时空范围", "覆盖哪里、从何时到何时；空间数据须填坐标系和比例尺。", "extent is_microdata", True),
    ("volumes", "数据量", "信息资源大普查的六个量，只填数字。", "volumes", True),
    ("contacts", "单位与地址", "内部部门、维护单位和联系地址。", "provider maintainer", True),
    ("links", "链接与关联", "网址、服务地址和关联资源。", "online_links service_url service_type related_codes", True),
)


def _field(path: str, annotation: Any, most: int | None, when: str) -> Field:
    return Field(
        path=path,
        label=LABELS[path],
        widget=_widget(path, annotation, most),
        hint=_HINTS.get(path, ""),
        offers=_OFFERS.get(path, ""),
        when=when,
    )


def _widget(path: str, annotation: Any, most: int | None) -> Widget:
    """The widget of a type: ``bool | None`` is a choice with an empty one, ``tuple[str, ...]`` lines, and so on."""
    kind, is_optional = _bare(annotation)
    options = OPTIONS.get(path)
    if kind is bool and is_optional:
        answers = {"yes": "是", "no": "否"}
        return Choice(answers | {"": "未定"}, values={"yes": True, "no": False}, is_radio=True)
    if get_origin(kind) is tuple:
        return _widget_of_several(path, get_args(kind)[0])
    if get_origin(kind) is Literal:
        values = {str(each): each for each in get_args(kind)}
        labels = options or {key: key for key in values}
        return Choice(labels, has_empty=is_optional, values=values, is_radio=path in RADIOS)
    if options is not None:
        return Choice(options, empty=None if is_optional else "", is_closed=False)
    if kind is str:
        return Text() if path in LONG or (most or 0) > 1000 else Line()
    widgets: Mapping[Any, type[Widget]] = {bool: Flag, int: Number, date: Day}
    return widgets[kind]()


def _widget_of_several(path: str, member: Any) -> Widget:
    if member is int:
        return Box()
    if get_origin(member) is Literal:
        return Checks(OPTIONS[path])
    if isinstance(member, type) and issubclass(member, Record):
        return Grid(member)
    return Words() if path in WORDS else Lines()


def _bare(annotation: Any) -> tuple[Any, bool]:
    """The type without ``None`` and without ``Annotated``, and whether it may be ``None``."""
    if get_origin(annotation) in {Union, UnionType}:
        members = [each for each in get_args(annotation) if each is not NoneType]
        return _bare(members[0])[0], True
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    return annotation, False


def _parts(record: type[Record], front: str) -> Iterator[Field | Table]:
    """The fields and tables of a record, in its own order."""
    for name, declared in record.model_fields.items():
        path = f"{front}{name}"
        kind, _ = _bare(declared.annotation)
        member = get_args(kind)[0] if get_origin(kind) is tuple else kind
        is_record = isinstance(member, type) and issubclass(member, Record)
        if path in NOT_TYPED:
            continue
        if is_record and member is kind:
            yield from _parts(member, f"{path}.")
        elif is_record:
            yield _table(path, member)
        else:
            most = next((each.max_length for each in declared.metadata if hasattr(each, "max_length")), None)
            yield _field(path, declared.annotation, most, _WHEN.get(path, ""))


def _table(path: str, member: type[Record]) -> Table:
    fields = []
    for name, declared in member.model_fields.items():
        fields.append(_field(f"{path}.{name}", declared.annotation, None, ""))
    further = _FURTHER.get(path, ())
    new = {each.name: each.widget.shown(_initial(member, each)) for each in fields}
    return Table(
        path=path,
        label=LABELS[path],
        columns=[each for each in fields if each.name not in further],
        further=[each for each in fields if each.name in further],
        new=new,
        hint=_HINTS.get(path, ""),
        room=_ROOM.get(path, 1),
        when=_WHEN.get(path, ""),
    )


def _initial(member: type[Record], field: Field) -> Any:
    declared = member.model_fields[field.name]
    return "" if declared.is_required() else declared.get_default(call_default_factory=True)


def _sections() -> tuple[Section, ...]:
    parts = list(_parts(Resource, ""))
    made = []
    for name, title, purpose, paths, is_folded in _SECTIONS:
        own = [
            part for path in paths.split() for part in parts if part.path == path or part.path.startswith(f"{path}.")
        ]
        made.append(Section(name, title, purpose, tuple(own), is_folded))
    return tuple(made)


SECTIONS: Final = _sections()
FIELDS: Final[Mapping[str, Field]] = {
    part.path: part for section in SECTIONS for part in section.parts if isinstance(part, Field)
}
TABLES: Final[Mapping[str, Table]] = {
    part.path: part for section in SECTIONS for part in section.parts if isinstance(part, Table)
}

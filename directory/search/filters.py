"""Everything a search can be narrowed by, in one registry: the API, the page, the command and the exports read it.

A filter owns its parameter (name, type, words for OpenAPI), what an entry is filed under, the clause that narrows, and
how the page asks for it. A ``Choice`` is counted too: an entry's values stand joined in one fast field, so that a count
is one pass over one column however many values an entry has.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar

import tantivy
from pydantic import BeforeValidator, Field
from tantivy import Occur, Query

from directory.policy import Visible
from directory.resources.rows import EntryRow
from directory.resources.states import STATUSES
from directory.search import filed
from directory.search.bounds import Box, DayBound
from directory.search.folding import fold
from directory.web.labels import CYCLES, MOUNT_KINDS, SHARE_TYPES
from metadata.resource import Library, MountKind, ShareType, UpdateCycle
from standards import regions

Clause = tuple[Occur, Query]
Names = Mapping[str, str]  # codes of departments and libraries to what the registers call them

JOINER = "\x1f"
INSIDE = "inside"
PUBLISHED = "published"


def _given(typed: Any) -> Any:
    """What a form sends for a field left empty is nothing."""
    return tuple(each for each in typed if each != "") if isinstance(typed, list | tuple) else typed


Value = Annotated[str, Field(min_length=1, max_length=200)]
Values = Annotated[tuple[Value, ...], BeforeValidator(_given)]
REGION_PATTERN = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$"


@dataclass(frozen=True)
class Term:
    """Found under whole values, several of them widening; not counted. ``key`` turns what is asked for into a value."""

    name: str
    name_zh: str
    says: str
    of: Callable[[EntryRow], Iterable[str]]
    kind: ClassVar[str] = "text"
    annotation: Any = Values
    default: Any = ()
    key: Callable[[str], str] = str

    def declare(self, builder: tantivy.SchemaBuilder) -> None:
        builder.add_text_field(self._term, tokenizer_name="raw", index_option="basic")

    def file(self, document: tantivy.Document, row: EntryRow) -> None:
        for value in self.of(row):
            document.add_text(self._term, value)

    def clauses(self, schema: tantivy.Schema, asked: Any, seen: Visible) -> list[Clause]:
        return [(Occur.Must, one_of(schema, self._term, [self.key(value) for value in asked]))]

    def label(self, value: str, names: Names) -> str:
        return value

    @cached_property
    def _term(self) -> str:
        return f"in_{self.name}"


def _nothing_above(value: str) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Choice(Term):
    """A facet: its values are counted and offered. ``above`` adds the values that a value counts under as well."""

    kind: ClassVar[str] = "choice"
    labels: Names = field(default_factory=dict)
    above: Callable[[str], Iterable[str]] = field(default=_nothing_above)

    def declare(self, builder: tantivy.SchemaBuilder) -> None:
        super().declare(builder)
        builder.add_text_field(self._joined, fast=True, tokenizer_name="raw", index_option="basic")

    def file(self, document: tantivy.Document, row: EntryRow) -> None:
        own = tuple(self.of(row))
        if own:
            for value in self._with_above(own):
                document.add_text(self._term, value)
            document.add_text(self._joined, JOINER.join(own))

    def counted(self, joined: Mapping[str, int]) -> dict[str, int]:
        """Entries by value, from entries by joined values."""
        counts: dict[str, int] = {}
        for values, count in joined.items():
            for value in self._with_above(values.split(JOINER) if values else ()):
                counts[value] = counts.get(value, 0) + count
        return counts

    def _with_above(self, own: Iterable[str]) -> Iterable[str]:
        if self.above is _nothing_above or not own:
            return own
        return dict.fromkeys(each for value in own for each in (value, *self.above(value)))

    @cached_property
    def _joined(self) -> str:
        return f"all_{self.name}"

    def label(self, value: str, names: Names) -> str:
        return self.labels.get(value, value)


@dataclass(frozen=True)
class Registered(Choice):
    """Filed by code and named by a register: departments, libraries."""

    def label(self, value: str, names: Names) -> str:
        return names.get(value, value)


@dataclass(frozen=True)
class Region(Choice):
    """An entry is filed by its own code and counted and found under all above it."""

    def label(self, value: str, names: Names) -> str:
        return _region_label(value)


_region_label = lru_cache(maxsize=1 << 12)(regions.label)
_regions_above = lru_cache(maxsize=1 << 12)(regions.ancestors)


@dataclass(frozen=True)
class Status(Choice):
    """The state of the version being worked on, which is shown inside only: to others what they see is published.

    All but what everybody sees as published is filed once more under department and state together, so that one count
    tells every department the states of its own.
    """

    def declare(self, builder: tantivy.SchemaBuilder) -> None:
        super().declare(builder)
        builder.add_text_field(INSIDE, fast=True, tokenizer_name="raw", index_option="basic")

    def file(self, document: tantivy.Document, row: EntryRow) -> None:
        super().file(document, row)
        if not row.is_public or row.status != PUBLISHED:
            document.add_text(INSIDE, JOINER.join((row.org_code, row.status)))

    def clauses(self, schema: tantivy.Schema, asked: Any, seen: Visible) -> list[Clause]:
        here = one_of(schema, "in_status", list(asked))
        if seen.is_everything:
            return [(Occur.Must, here)]
        own = one_of(schema, "in_provider", [seen.org_code])
        found = [(Occur.Should, Query.boolean_query([(Occur.Must, own), (Occur.Must, here)]))]
        if PUBLISHED in asked:
            others = [(Occur.Must, Query.const_score_query(Query.all_query(), 0.0)), (Occur.MustNot, own)]
            found.append((Occur.Should, Query.boolean_query(others)))
        return [(Occur.Must, Query.boolean_query(found))]


def one_of(schema: tantivy.Schema, name: str, values: Sequence[str]) -> Query:
    """Entries with one of these terms, without a score."""
    if len(values) == 1:
        return Query.const_score_query(Query.term_query(schema, name, values[0], "basic"), 0.0)
    return Query.const_score_query(Query.term_set_query(schema, name, list(values)), 0.0)


def _literals(literal: Any) -> Any:
    return Annotated[tuple[literal, ...], BeforeValidator(_given)]


Region_ = Annotated[str, Field(pattern=REGION_PATTERN)]
Filter = Term | Choice | Box | DayBound

FILTERS: tuple[Filter, ...] = (
    Registered("provider", "提供部门", "提供部门的代码", lambda row: (row.org_code,)),
    Choice(
        "share_type",
        "共享类型",
        "共享类型",
        lambda row: filed.given(row.record["sharing"]["share_type"]),
        annotation=_literals(ShareType),
        labels=SHARE_TYPES,
    ),
    Registered(
        "library",
        "基础库",
        "所属基础库或主题库",
        lambda row: filed.given(row.record.get("library")),
        annotation=_literals(Library),
    ),
    Choice("theme", "主题", "主题分类的名称", filed.themes),
    Choice("format", "格式", "信息资源格式，如 xlsx", lambda row: filed.formats(row.record)),
    Choice(
        "mount",
        "挂接方式",
        "挂接资源的种类；none 为未挂接",
        lambda row: filed.mounts(row.record),
        annotation=_literals(MountKind | Annotated[str, Field(pattern="^none$")]),
        labels={**MOUNT_KINDS, "none": "未挂接"},
    ),
    Choice(
        "cycle",
        "更新周期",
        "更新周期",
        lambda row: filed.given(row.record.get("update_cycle")),
        annotation=_literals(UpdateCycle),
        labels=CYCLES,
    ),
    Region(
        "region",
        "行政区划",
        "GB/T 2260 代码；省、市代码也包括其下各级",
        filed.regions_of,
        annotation=_literals(Region_),
        key=filed.full_region,
        above=_regions_above,
    ),
    Choice("grade", "数据分级", "数据分级", lambda row: filed.given(row.record.get("data_grade"))),
    Choice(
        "openness",
        "向社会开放",
        "是否向社会开放：open 或 closed",
        filed.openness,
        annotation=_literals(Annotated[str, Field(pattern="^(open|closed)$")]),
        labels={"open": "开放", "closed": "不开放"},
    ),
    Status(
        "status",
        "状态",
        "目录的状态；未发布的只有本部门和信息办可见",
        lambda row: (row.status,),
        annotation=_literals(Annotated[str, Field(pattern=f"^({'|'.join(STATUSES)})$")]),
        labels=STATUSES,
    ),
    Term("item", "数据项", "有此名称或字段名的数据项，整个名称", filed.items, key=fold),
    Term("base_item", "基础库标准项", "含有此标准项的数据项，如 population/id_number", filed.base_items),
    Box("bbox", "空间范围", "西,南,东,北（度）；与此范围相交的目录"),
    DayBound("updated_from", "更新日期起", "此日起更新的目录", "updated_on", is_first=True),
    DayBound("updated_to", "更新日期止", "此日止更新的目录", "updated_on", is_first=False),
)
CHOICES: Mapping[str, Choice] = {each.name: each for each in FILTERS if isinstance(each, Choice)}

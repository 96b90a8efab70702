"""One catalogue entry as it grows row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from metadata.formats.workbook_cells import Problem, to_formats
from metadata.formats.workbook_headers import ELEMENTS
from metadata.resource import Category, Format, Item, Openness, Party, Resource, Sharing

# Elements of which an entry has one value; the others gather.
_SINGLE = (
    "provider_code",
    "code",
    "abstract",
    "share_type",
    "share_conditions",
    "share_method_category",
    "openness",
    "open_conditions",
    "update_cycle",
    "published_on",
    "updated_on",
)


@dataclass(frozen=True)
class SourceRow:
    """A row of the file."""

    sheet: str
    row: int


@dataclass
class Entry:
    """What has been read of one title and provider. Values that gather keep their order and stand once."""

    title: str
    provider: str
    provider_code: str
    rows: list[SourceRow] = field(default_factory=list)
    _single: dict[str, Any] = field(default_factory=dict)
    _first_row: dict[str, int] = field(default_factory=dict)
    _gathered: dict[str, dict[Any, None]] = field(default_factory=dict)
    _items: dict[str, Item] = field(default_factory=dict)

    def add(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
        """Take a row's values (its source row has been appended); yields the elements that contradict earlier rows."""
        for element in _SINGLE:
            if element not in values:
                continue
            if self._single.setdefault(element, values[element]) != values[element]:
                yield element, _contradiction(element, self._first_row[element])
            self._first_row.setdefault(element, self.rows[-1].row)
        if "theme" in values:
            self._gather("categories", Category(scheme="主题分类", name=values["theme"]))
        if "industry" in values:
            self._gather("categories", values["industry"])
        for each in _formats(values):
            self._gather("formats", each)
        for element in ("keywords", "related_codes"):
            for word in values.get(element, ()):
                self._gather(element, word)
        if "share_method" in values:
            self._gather("share_method", values["share_method"])
        if "item_name" in values:
            yield from self._add_item(values)

    def to_resource(self) -> Resource:
        """The record. Raises ``pydantic.ValidationError`` where the values together make none."""
        single = self._single
        openness = single.get("openness", Openness())
        sharing = {
            "share_type": single.get("share_type"),
            "conditions": single.get("share_conditions", ""),
            "method_types": self._all("share_method"),
        }
        if "share_method_category" in single:
            sharing["method_category"] = single["share_method_category"]
        return Resource(
            title=self.title,
            code=single.get("code", ""),
            provider=Party(name=self.provider, code=single.get("provider_code", self.provider_code)),
            abstract=single.get("abstract", ""),
            keywords=self._all("keywords"),
            categories=self._all("categories"),
            formats=self._all("formats"),
            items=tuple(self._items.values()),
            sharing=Sharing.model_validate(sharing),
            openness=Openness(is_open=openness.is_open, conditions=single.get("open_conditions", openness.conditions)),
            update_cycle=single.get("update_cycle"),
            published_on=single.get("published_on"),
            updated_on=single.get("updated_on"),
            related_codes=self._all("related_codes"),
        )

    def _gather(self, element: str, value: Any) -> None:
        self._gathered.setdefault(element, {})[value] = None

    def _all(self, element: str) -> tuple[Any, ...]:
        return tuple(self._gathered.get(element, {}))

    def _add_item(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
        """An item's field is its own name where the form has no column for field names."""
        name = values["item_name"]
        item = Item(
            name=name,
            field=values.get("item_field", name[:63]),
            type_code=values.get("item_type", "C"),
            length=values.get("item_length"),
        )
        if self._items.setdefault(item.field, item) != item:
            zh, en = f"信息项“{item.field}”与前面一行重复而内容不同，取前者", "the item stands above with other content"
            yield "item_name", Problem("item", "warning", zh, en, "删去重复的一行，或改正字段名。")


def _formats(values: Mapping[str, Any]) -> Iterator[Format]:
    yield from to_formats(values.get("format", ""), values.get("format_category", ""))
    if "format_other" in values:
        yield Format(category=values.get("format_category", ""), other=values["format_other"])


def _contradiction(element: str, first_row: int) -> Problem:
    header = ELEMENTS[element][0]
    return Problem(
        "contradiction",
        "warning",
        f"{header}与同一目录第 {first_row} 行不一致，取第 {first_row} 行的值",
        f"differs from row {first_row} of the same entry, whose value was kept",
        "同一资源名称和来源部门的各行应一致；若是不同资源，请用不同的名称。",
    )

"""One catalogue entry as it grows row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from metadata.formats.workbook_cells import BLANK_LINE, Problem, split
from metadata.formats.workbook_elements import ELEMENTS, element_label
from metadata.resource import Format, Item, Party, Resource
from standards.codes import table

# Elements of which an entry has one value: they have a place in the record and are no list.
_SINGLE: Final = tuple(
    (key, tuple(each.path.split(".")))
    for key, each in ELEMENTS.items()
    if each.path and not each.is_item and each.kind not in {"words", "lines"} and key != "share_method"
)
_LISTS: Final = tuple(
    (key, tuple(each.path.split(".")))
    for key, each in ELEMENTS.items()
    if each.path and not each.is_item and (each.kind in {"words", "lines"} or key == "share_method")
)
_CATEGORIES: Final = ("theme", "industry", "categories")
_ITEM: Final = tuple((key, each.path) for key, each in ELEMENTS.items() if each.is_item)


@dataclass(frozen=True)
class SourceRow:
    """A row of the file."""

    sheet: str
    row: int


@dataclass
class Entry:
    """What has been read of one title and provider. Values that gather keep their order and stand once."""

    title: str
    provider: Party
    rows: list[SourceRow] = field(default_factory=list)
    _single: dict[str, Any] = field(default_factory=dict)
    _first: dict[str, SourceRow] = field(default_factory=dict)
    _gathered: dict[str, dict[Any, None]] = field(default_factory=dict)
    _items: dict[str, Item] = field(default_factory=dict)

    def add(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
        """Take a row's values (its source row has been appended); yields the elements that contradict earlier rows.

        Raises ``pydantic.ValidationError`` for an item that is none.
        """
        here = self.rows[-1]
        for element, _ in _SINGLE:
            value = values.get(element)
            if value is None:
                continue
            if element not in self._single:
                self._single[element], self._first[element] = value, here
            elif self._single[element] != value:
                yield element, _contradiction(element, self._first[element], here)
        for element, _ in _LISTS:
            if element in values:
                self._gather(element, values[element])
        for element in _CATEGORIES:
            if element in values:
                self._gather("categories", values[element])
        if "legal_basis" in values:
            self._gather("legal_basis", values["legal_basis"])
        self._gather("formats", _formats(values))
        if "item_name" in values:
            yield from self._add_item(values)

    def to_resource(self) -> Resource:
        """The record. Raises ``pydantic.ValidationError`` where the values together make none."""
        members: dict[str, Any] = {"provider": {"name": self.provider.name, "code": self.provider.code}}
        for element, path in _SINGLE:
            if element in self._single:
                _put(members, path, self._single[element])
        for element, path in _LISTS:
            if element in self._gathered:
                _put(members, path, tuple(self._gathered[element]))
        if "legal_basis" in self._gathered:
            _put(members, ("sharing", "legal_basis"), tuple(self._gathered["legal_basis"]))
        openness = self._single.get("openness")
        if openness is not None:
            _put(members, ("openness", "is_open"), openness.is_open)
            members["openness"].setdefault("conditions", openness.conditions)
        members["title"] = self.title
        members["categories"] = tuple(self._gathered.get("categories", ()))
        members["formats"] = tuple(self._gathered.get("formats", ()))
        members["items"] = tuple(self._items.values())
        return Resource.model_validate(members)

    def _gather(self, element: str, values: tuple[Any, ...]) -> None:
        if values:
            self._gathered.setdefault(element, {}).update(dict.fromkeys(values))

    def _add_item(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
        """An item's field is its own name where the form has no column for field names."""
        members = {path: values[element] for element, path in _ITEM if element in values}
        members.setdefault("field", members["name"][:63])
        item = Item(**members)
        if self._items.setdefault(item.field, item) != item:
            zh, en = f"信息项“{item.field}”与前面一行重复而内容不同，取前者", "the item stands above with other content"
            yield "item_name", Problem("item", "warning", zh, en, "删去重复的一行，或改正字段名。")


def _put(members: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        members = members.setdefault(name, {})
    members[path[-1]] = value


def _formats(values: Mapping[str, Any]) -> tuple[Format, ...]:
    """The formats of a row. With several lines in the cells, one line each makes one format."""
    columns = [values.get(element, ()) for element in ("format_category", "format", "format_other")]
    if not any(columns):
        return ()
    categories, types, others = columns
    if len(categories) <= 1 and len(types) > 1 and not others:
        types = ("\n".join(types),)  # a list written with line breaks, under one category or none
    lines = zip_longest(categories, types, others, fillvalue="")
    return tuple(
        each for line in lines for each in _line_formats(*("" if cell == BLANK_LINE else cell for cell in line))
    )


def _line_formats(category: str, words: str, other: str) -> Iterator[Format]:
    """Types of the guide's list under their category; what is not listed keeps its own words."""
    listed = table("guide2017-format-type")
    types: dict[str, list[str]] = {}
    rest = []
    for word in split(words):
        key = listed.fix(word.lower())
        if key is None:
            rest.append(word)
        else:
            types.setdefault(category or listed.codes[key].parent, []).append(key)
    if other:
        rest.append(other)
    if category:
        yield Format(category=category, types=tuple(types.get(category, ())), other="、".join(rest))
        return
    for name, keys in types.items():
        yield Format(category=name, types=tuple(dict.fromkeys(keys)))
    for word in rest:
        yield Format(other=word)


def _contradiction(element: str, first: SourceRow, here: SourceRow) -> Problem:
    place = f"第 {first.row} 行" if first.sheet == here.sheet else f"“{first.sheet}”第 {first.row} 行"
    return Problem(
        "contradiction",
        "warning",
        f"{element_label(element)}与同一目录{place}不一致，取{place}的值",
        f"differs from row {first.row} of the same entry, whose value was kept",
        "同一资源名称和提供方的各行应一致；若是不同资源，请用不同的名称。",
    )

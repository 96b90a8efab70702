"""What a sheet says of an entry, laid over the entry as it is: only what the sheet has columns for can change. Pure.

A workbook without a column for sharing says nothing about sharing, so an update from it leaves that as it was; the same
goes for what no workbook has a column for, such as mounts and assessments.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Category, Item, Resource

# Elements that only together make one value, which then comes from the sheet whole.
_TOGETHER: Final[Mapping[str, str]] = {
    "format": "formats",
    "format_category": "formats",
    "format_other": "formats",
    "legal_basis": "sharing.legal_basis",
}
_SCHEMES: Final[Mapping[str, str]] = {"theme": "主题分类", "industry": "行业分类"}
_NEVER: Final = ("provider.name", "provider.code")  # an entry does not change its department by import


def overlay(current: Resource, given: Resource, elements: Collection[str]) -> Resource:
    """``current`` with what ``given``, read from columns of these elements (``ELEMENTS``), says of it.

    Items are those of the sheet, in its order; of one that was there before (same field, or the same name where the
    sheet has no field names) what the sheet has no column for stays.
    """
    paths = {ELEMENTS[key].path for key in elements if not ELEMENTS[key].is_item} - {""}
    paths |= {path for key, path in _TOGETHER.items() if key in elements}
    changed: dict[str, Any] = {}
    for path in sorted(paths - set(_NEVER)):
        top, _, below = path.partition(".")
        value = getattr(given, top)
        if below:
            base = changed.get(top, getattr(current, top))
            value = value if base is None else base.model_copy(update={below: getattr(value, below)}) if value else None
        changed[top] = value
    if {"theme", "industry", "categories"} & set(elements):
        changed["categories"] = _categories(current, given, elements)
    if "item_name" in elements:
        changed["items"] = _items(current, given, elements)
    return current.model_copy(update=changed)


def _categories(current: Resource, given: Resource, elements: Collection[str]) -> tuple[Category, ...]:
    """Of the classifications that the sheet has a column for, the sheet's; of the others, those that are there."""
    named = {scheme for key, scheme in _SCHEMES.items() if key in elements}

    def is_said(category: Category) -> bool:
        others = category.scheme not in _SCHEMES.values()
        return category.scheme in named or ("categories" in elements and others)

    kept = [each for each in current.categories if not is_said(each)]
    said = [each for each in given.categories if is_said(each)]
    return _ordered(current, [*kept, *said])


def _ordered(current: Resource, categories: list[Category]) -> tuple[Category, ...]:
    """In the order of the entry, new ones last: to compare two records is then to compare what they say."""
    before = {category: place for place, category in enumerate(current.categories)}
    return tuple(sorted(categories, key=lambda each: before.get(each, len(before))))


def _items(current: Resource, given: Resource, elements: Collection[str]) -> tuple[Item, ...]:
    by_field = "item_field" in elements
    name_of: Callable[[Item], str] = (lambda item: item.field) if by_field else (lambda item: item.name)
    known = {name_of(item): item for item in current.items}
    said = {ELEMENTS[key].path for key in elements if ELEMENTS[key].is_item}
    found = []
    for item in given.items:
        before = known.get(name_of(item))
        update = {path: getattr(item, path) for path in said}
        found.append(item if before is None else before.model_copy(update=update))
    return tuple(found)

"""Records as XML elements, derived from their fields: a field is declared once, in the record.

A field becomes an element of its name in camelCase; one that has its default is left out; a tuple repeats its element
under the singular name. Reading goes by the record's annotations, on elements that a schema has already found valid.
"""

import types
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin

from metadata.record import Record
from standards.xml import Element

_SINGULAR = {
    "formats": "format",
    "types": "type",
    "items": "item",
    "purposes": "purpose",
    "method_types": "method_type",
    "refusal_reasons": "refusal_reason",
    "related_codes": "related_code",
    "assessments": "assessment",
    "mounts": "mount",
    "columns": "column",
}


def element_name(field: str) -> str:
    """The element's name of a field: ``method_types`` -> ``methodType``."""
    first, *others = _SINGULAR.get(field, field).split("_")
    return first + "".join(word.capitalize() for word in others)


def to_elements(record: Record, fields: Sequence[str], namespace: str) -> Iterator[Element]:
    """The elements of these fields, in their order."""
    for name in fields:
        value, default = getattr(record, name), type(record).model_fields[name].get_default(call_default_factory=True)
        if value == default:
            continue
        is_repeated = isinstance(value, tuple) and _item_type(_annotation(type(record), name)) is not None
        for each in value if is_repeated else (value,):
            yield _to_element(element_name(name), each, namespace)


def _to_element(name: str, value: object, namespace: str) -> Element:
    if isinstance(value, Record):
        return Element(namespace, name, children=tuple(to_elements(value, tuple(type(value).model_fields), namespace)))
    return Element(namespace, name, _to_text(value))


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return " ".join(str(each) for each in value)
    return str(value)


def from_elements(record_type: type[Record], elements: Sequence[Element], fields: Sequence[str]) -> dict[str, Any]:
    """The JSON members of these fields; a field without an element is left to its default.

    Raises ``ValueError`` for a number with more digits than are read.
    """
    members: dict[str, Any] = {}
    for name in fields:
        found = [element for element in elements if element.name == element_name(name)]
        if not found:
            continue
        annotation = _annotation(record_type, name)
        item_type = _item_type(annotation)
        if item_type is not None:
            members[name] = [_from_element(element, item_type) for element in found]
        else:
            members[name] = _from_element(found[0], annotation)
    return members


def _from_element(element: Element, annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return from_elements(annotation, element.children, tuple(annotation.model_fields))
    if get_origin(annotation) is tuple:
        return [int(number) for number in element.text.split()]
    if annotation is bool:
        return element.text.strip() in {"true", "1"}
    if annotation is int or (get_origin(annotation) is Literal and isinstance(get_args(annotation)[0], int)):
        return int(element.text)
    return element.text.strip() if annotation is date else element.text


def _annotation(record_type: type[Record], field: str) -> Any:
    """The field's type without ``None``."""
    annotation: Any = record_type.model_fields[field].annotation
    if get_origin(annotation) in {Union, types.UnionType}:
        (annotation,) = (each for each in get_args(annotation) if each is not types.NoneType)
    return annotation


def _item_type(annotation: Any) -> Any | None:
    """X for ``tuple[X, ...]``, else None."""
    arguments = get_args(annotation)
    return arguments[0] if get_origin(annotation) is tuple and arguments[-1] is Ellipsis else None

"""Every field of every JSON body that the OpenAPI document describes, and bodies that fit it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from directory.clock.today import shanghai_today

JSON = "application/json"
_SOON: Final = shanghai_today() + timedelta(days=30)


class Field(NamedTuple):
    """Where a value stands in the body of an operation: names of members, and numbers in lists."""

    method: str
    path: str
    place: tuple[str | int, ...]
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The member's name, as a refusal would say it."""
        return [each for each in self.place if isinstance(each, str)][-1]


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path and schema of the body of each operation that takes JSON."""
    for path, found in document["paths"].items():
        for method, operation in found.items():
            body = operation.get("requestBody", {}).get("content", {}).get(JSON)
            if body is not None:
                yield method, path, body["schema"]


def fields(document: Mapping[str, Any]) -> Iterator[Field]:
    """Every place in every body, each once for each kind of value that it takes."""
    for method, path, schema in operations(document):
        for place, each in _places(document, schema, (), frozenset()):
            yield Field(method, path, place, each)


def _places(
    document: Mapping[str, Any], schema: Mapping[str, Any], place: tuple[str | int, ...], seen: frozenset[str]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    if "$ref" in schema:
        if schema["$ref"] not in seen:
            yield from _places(document, _named(document, schema["$ref"]), place, seen | {schema["$ref"]})
        return
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _places(document, each, place, seen)
    if place:
        yield place, schema
    for name, each in schema.get("properties", {}).items():
        yield from _places(document, each, (*place, name), seen)
    if schema.get("type") == "array":
        yield from _places(document, schema.get("items", {}), (*place, 0), seen)


def fitting(document: Mapping[str, Any], schema: Mapping[str, Any], meant: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits, with every member that must be there; of those in ``meant``, these values."""
    if name in meant:
        return meant[name]
    if "$ref" in schema:
        return fitting(document, _named(document, schema["$ref"]), meant, name)
    for each in ("anyOf", "oneOf", "allOf"):
        if each in schema:
            return fitting(document, schema[each][0], meant, name)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            must, members = schema.get("required", ()), schema.get("properties", {})
            return {each: fitting(document, members[each], meant, each) for each in must}
        case "array":
            return [fitting(document, schema.get("items", {}), meant, name)] * schema.get("minItems", 0)
        case "integer":
            return int(schema.get("minimum", 1))  # the document spells its bounds as 1.0
        case "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    match schema.get("format"):
        case "date":
            return _SOON.isoformat()
        case "date-time":
            return f"{_SOON}T00:00:00Z"
        case "uuid":
            return "00000000-0000-4000-8000-000000000000"
    return "核".ljust(max(2, schema.get("minLength", 2)), "对")


def put(body: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """The body with this value there; what is not on the way yet is made."""
    if not place:
        return value
    first, *rest = place
    if isinstance(first, int):
        held = body[0] if isinstance(body, list) and body else None
        return [put(held, tuple(rest), value)]
    held = dict(body) if isinstance(body, dict) else {}
    return held | {first: put(held.get(first), tuple(rest), value)}


def _named(document: Mapping[str, Any], ref: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document["components"]["schemas"][ref.rsplit("/", 1)[1]]
    return found

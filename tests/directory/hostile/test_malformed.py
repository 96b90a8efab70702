"""Whatever rule a value breaks, it is said in words what was expected: no rule of our models is left to its code."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import pytest
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from directory.http.malformed import RULES, expected, expected_en
from directory.proposals.choice import Choice
from directory.routes import routes
from metadata.resource import Resource

WRONG: Final = (
    None,
    "",
    "abc",
    "x" * 5_000,
    "f" * 36,
    "\ud800",
    "99" * 2_500,
    "2026-13-45",
    "2026-01-01",
    "2026-01-01T10:00:00",
    "-5",
    "0",
    b"x",
    -1,
    0,
    3,
    10**30,
    1.5,
    float("nan"),
    True,
    [],
    ["x"],
    [1] * 6_000,
    {},
    {"a": 1},
    {"zzz": [[]]},
)


def _filled(schema: Mapping[str, Any], known: Mapping[str, Any], value: object, depth: int = 0) -> object:
    """A value of the schema's shape, with this one in all of its leaves."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            schema = schema[several][0]
    if "$ref" in schema and depth < 6:
        return _filled(schema, known, value, depth + 1)
    if "properties" in schema and depth < 6:
        return {name: _filled(each, known, value, depth + 1) for name, each in schema["properties"].items()}
    if "items" in schema and depth < 6:
        return [_filled(schema["items"], known, value, depth + 1)]
    return value


def _broken(adapter: TypeAdapter[Any]) -> Iterator[Mapping[str, Any]]:
    """The errors over every wrong value, alone and in each field."""
    schema = adapter.json_schema()
    for wrong in WRONG:
        for value in (wrong, _filled(schema, schema.get("$defs", {}), wrong)):
            for ask in (adapter.validate_python, adapter.validate_strings):
                try:
                    ask(value)
                except ValidationError as error:
                    yield from error.errors(include_url=False)


def _adapters() -> Iterator[tuple[str, TypeAdapter[Any]]]:
    """Of every parameter and body of every route, and of the records that come as files."""
    for route in routes():
        if isinstance(route, APIRoute):
            flat = get_flat_dependant(route.dependant)
            given = (flat.path_params, flat.query_params, flat.header_params, flat.cookie_params, flat.body_params)
            yield from ((f"{route.path} {each.alias}", each._type_adapter) for part in given for each in part)
    kinds: tuple[type[BaseModel], ...] = (Choice, Resource)
    yield from ((kind.__name__, TypeAdapter(kind)) for kind in kinds)


def _wordless() -> dict[str, str]:
    found = {}
    for name, adapter in _adapters():
        for error in _broken(adapter):
            if error["type"] not in RULES or not expected(error) or not expected_en(error):
                found.setdefault(error["type"], f"{name} {error['loc']}")
    return found


def test_every_rule_of_every_route_and_record_is_worded() -> None:
    assert not _wordless()


def test_a_rule_without_words_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RULES, "uuid_parsing")
    monkeypatch.delitem(RULES, "value_error")
    assert _wordless().keys() == {"uuid_parsing", "value_error"}


def test_every_rule_that_is_worded_is_one_of_pydantics() -> None:
    assert set(RULES) <= set(get_args(ErrorType))


def test_the_allowed_values_are_listed_as_each_language_lists_them() -> None:
    error = {"type": "literal_error", "ctx": {"expected": "'a', 'b' or 'c'"}}
    assert (expected(error), expected_en(error)) == ("只能是 'a'、'b'、'c'", "one of 'a', 'b' or 'c'")

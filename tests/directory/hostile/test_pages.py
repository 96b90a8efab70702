"""Every page, and every GET of the API, with what no form of ours would send: never a server error."""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.routing import APIRoute

ODD = (
    "\x00",
    "a\x00b",
    "-1",
    "9" * 30,
    "9" * 5000,  # more digits than Python reads as a number
    "٣",
    "²",
    "1e309",
    "'\"\\%",
    "\u202e￿😀<script>alert(1)</script>",
    "../../etc/passwd",
    "//example.org",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "00000000-0000-4000-8000-000000000000",
)
RAW = ("%ff", "%00", "%C3%28", "%", "%zz", "a%2fb", "%ED%A0%80")  # not UTF-8, not percent-encoding, half a pair
PEOPLE = ("editor", "office")
STEP = 1 if "HUTONG_FUZZ" in os.environ else 8  # otherwise each place gets an eighth of the values, each its own
HTML = {"accept": "text/html"}


@pytest.mark.parametrize("who", ["nobody", "editor", "office", "requester", "auditor", "administrator"])
def test_everything_is_shown_or_refused(scene: Any, who: str) -> None:
    """Every address, of what exists and of what does not, as every kind of person."""
    for route in _routes(scene, "GET"):
        for address in (scene.filled(route.path), re.sub(r"\{\w+\}", "nothing", route.path)):
            answer = _client(scene, who, route).get(address, headers=HTML)
            scene.judge(answer, (who, address))


@pytest.mark.parametrize("who", PEOPLE)
def test_odd_queries(scene: Any, who: str) -> None:
    turn = count(PEOPLE.index(who))
    for route in _routes(scene, "GET"):
        client, good = _client(scene, who, route), scene.filled(route.path)
        for name in _names(get_flat_dependant(route.dependant).query_params):
            queries = [f"{name}={quote(odd)}" for odd in ODD] + [f"{name}={raw}" for raw in RAW]
            for query in _some((*queries, f"{name}=1&{name}=2&{name}=", f"{name}[]=1", f"{name}"), turn):
                scene.judge(client.get(f"{good}?{query}", headers=HTML), (who, good, query[:100]))


@pytest.mark.parametrize("who", PEOPLE)
def test_odd_paths(scene: Any, who: str) -> None:
    turn = count(PEOPLE.index(who))
    for route in _routes(scene, "GET"):
        for name in re.findall(r"\{(\w+)\}", route.path):
            for odd in _some((*(quote(each, safe="") for each in ODD), *RAW), turn):
                address = scene.filled(route.path, **{name: odd})
                scene.judge(_client(scene, who, route).get(address, headers=HTML), (who, address[:200]))


def _some(values: Sequence[Any], turn: Iterator[int]) -> Sequence[Any]:
    return values[next(turn) % STEP :: STEP]


def _routes(scene: Any, method: str) -> Iterator[APIRoute]:
    for route in scene.app.routes:
        if isinstance(route, APIRoute) and method in route.methods:
            yield route


def _client(scene: Any, who: str, route: APIRoute) -> Any:
    """A browser for pages; the API's own client for the API."""
    return (scene.people if route.path.startswith("/api/") else scene.browsers)[who]


def _names(fields: Any) -> list[str]:
    """The names a form or query is sent by; a model's are its fields'."""
    names: list[str] = []
    for each in fields:
        members = getattr(each.field_info.annotation, "model_fields", None)
        names += [member.alias or name for name, member in members.items()] if members else [each.alias]
    return names

"""Service mounts: only allowed hosts at allowed addresses, one GET, little read."""

import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from exchange.node import Node
from exchange.probe.run import probe
from metadata.probe import Probe, ProbeTask
from tests.exchange.probe.conftest import task
from tests.sim.serving import served as serving

Look = Callable[[ProbeTask], Probe]
ITEMS = {"uscc": "统一社会信用代码", "name": "名称"}
ROW = {"uscc": "91330100MA9AAAAA0X", "name": "机密企业"}
ANSWERS: dict[str, Any] = {
    "list": [ROW],
    "wrapped": {"code": 0, "data": {"total": 1, "rows": [ROW]}},
    "items": {"items": [ROW, {}]},
    "single": ROW,
    "none": {"items": []},
    "other": [{"uscc": 1}],
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()
    seen: list[str] = []

    @app.get("/json/{name}")
    def answer(name: str, request: Request) -> Response:
        seen.append(request.headers["host"])
        headers = {"Last-Modified": "Mon, 02 Mar 2026 09:30:00 GMT"}
        return Response(json.dumps(ANSWERS[name]), media_type="application/json; charset=utf-8", headers=headers)

    @app.get("/moved")
    def moved() -> Response:
        return RedirectResponse("http://169.254.169.254/latest/meta-data")

    @app.get("/text")
    def text() -> Response:
        return PlainTextResponse("ok")

    @app.get("/broken")
    def broken() -> Response:
        return Response("{", media_type="application/json")

    @app.get("/endless")
    def endless() -> Response:
        return StreamingResponse((b"x" * 65536 for _ in range(10_000)), media_type="application/json")

    with serving(app) as url:
        yield url


@pytest.fixture
def allowed(node: Node) -> Node:
    node.settings = node.settings.model_copy(update={"service_networks": (ip_network("127.0.0.0/8"),)})
    return node


@pytest.mark.parametrize("name", ["list", "wrapped", "items", "single"])
def test_the_first_row_shows_the_fields(allowed: Node, address: str, name: str) -> None:
    seen = probe(allowed, task("service", ITEMS, url=f"{address}/json/{name}?page=1"))
    assert (seen.is_reachable, seen.is_matching, seen.changed_by) == (True, True, "last_modified"), seen
    assert "机密" not in seen.to_bytes().decode()


def test_fields_that_differ_and_nothing_to_compare(allowed: Node, address: str) -> None:
    seen = probe(allowed, task("service", ITEMS, url=f"{address}/json/other"))
    assert (seen.is_reachable, [(each.kind, each.column) for each in seen.mismatches]) == (True, [("missing", "name")])
    for path in ("json/none", "text"):
        seen = probe(allowed, task("service", ITEMS, url=f"{address}/{path}"))
        assert (seen.is_reachable, seen.is_matching) == (True, True)


def test_answers_of_no_use(allowed: Node, address: str) -> None:
    problems = {
        path: probe(allowed, task("service", ITEMS, url=f"{address}/{path}")).problem_zh
        for path in ("moved", "missing", "broken", "endless")
    }
    assert {path: reason.rpartition("：")[2] for path, reason in problems.items()} == {
        "moved": "HTTP 307",
        "missing": "HTTP 404",
        "broken": "不是合法的 JSON",
        "endless": "应答过大或过慢",
    }
    down = probe(allowed, task("service", ITEMS, url="http://127.0.0.1:1/"))
    assert (down.is_reachable, down.problem) == (False, "SERVICE_DOWN")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://example.com/",
        "http://user:pw@127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://2130706433/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//127.0.0.1/",
        "http://",
        "http://[::1",
        "",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
    ],
)
def test_other_hosts_and_schemes_are_never_called(allowed: Node, url: str) -> None:
    seen = probe(allowed, task("service", ITEMS, url=url))
    assert (seen.is_reachable, seen.problem) == (False, "SERVICE_HOST_REFUSED")


def test_a_private_address_is_refused_until_its_network_is_allowed(look: Look, address: str) -> None:
    for url in (address, address.replace("127.0.0.1", "localhost")):
        seen = look(task("service", ITEMS, url=f"{url}/json/list"))
        assert (seen.is_reachable, seen.problem) == (False, "SERVICE_ADDRESS_REFUSED")

"""What is too much: sent as a list, asked for too often. Each is refused in bounded words and time."""

import time
from typing import Any

import pytest

from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.throttle import Throttle


def test_lists_of_wrong_members_are_refused_in_few_words_and_little_time(scene: Any) -> None:
    """Seconds of processor time with room for a slow machine; unbounded, the longest took minutes and gigabytes."""
    client = scene.people["editor"]
    for path, content, code in (
        ("/api/v1/resources", b'{"items":[%b1]}' % (b"1," * 99_999), "INPUT_MALFORMED"),
        ("/api/v1/resources", b'{"keywords":[%b1]}' % (b"1," * 99_999), "INPUT_MALFORMED"),
        ("/api/v1/resources", b'{"items":[%b{}]}' % (b"{}," * 19_000), "INPUT_MALFORMED"),
        ("/api/v1/resources", b'{"items":[%b{}]}' % (b"{}," * 2_000_000), "BODY_VALUES_MANY"),
        ("/api/v1/resources", b'{"items":[%b{}]}' % (b"{}," * 50_000), "BODY_VALUES_MANY"),
        ("/api/v1/resources", b'{"items":[%b1]}' % (b"1," * 3_000_000), "BODY_VALUES_MANY"),
    ):
        began = time.process_time()
        answer = client.post(path, content=content, headers={"content-type": "application/json"})
        took = time.process_time() - began
        body = answer.json()
        assert (answer.status_code, body["code"]) == (422, code), (path, content[:30], body)
        assert took < 8, (content[:30], took)
        assert len(answer.content) < 60_000
        if code == "INPUT_MALFORMED":
            assert len(body["findings"]) == 200
            assert body["findings_more"] >= 18_000
            assert str(200 + body["findings_more"]) in body["detail"]


def test_the_longest_lists_that_are_taken_still_are(scene: Any) -> None:
    client, place = scene.people["editor"], scene.filled("/api/v1/imports/{import_id}")
    answer = client.post(f"{place}/entries", json={"updates": list(range(1, 100_001))})
    assert answer.json()["code"] in {"IMPORT_CELL_UNKNOWN", "IMPORT_STATE", "IMPORT_UNCHECKED"}, answer.text[:300]
    cells = [{"number": number, "after": ""} for number in range(1, 10_001)]
    answer = client.post(f"{place}/repairs", json={"faults": [], "cells": cells})
    assert answer.json()["code"] not in {"BODY_VALUES_MANY", "INPUT_MALFORMED"}, answer.text[:300]


def test_what_is_costly_is_asked_for_now_and_then() -> None:
    now = [0.0]
    throttle = Throttle(burst=3, per_second=0.5, most=2, clock=lambda: now[0])
    for _ in range(3):
        throttle.spend("a")
    with pytest.raises(DirectoryError) as refused:
        throttle.spend("a")
    assert (refused.value.code, refused.value.values["wait_seconds"]) == ("TOO_OFTEN", 2)
    now[0] += 1.9
    with pytest.raises(DirectoryError):
        throttle.spend("a")
    throttle.spend("b")
    now[0] += 0.2
    throttle.spend("a")
    throttle.spend("c")  # of three callers the one longest silent is forgotten
    now[0] += 1000
    for _ in range(3):
        throttle.spend("a")
    with pytest.raises(DirectoryError):
        throttle.spend("a")


def test_the_public_catalogue_and_exports_are_refused_when_asked_too_often(scene: Any) -> None:
    ours, fresh = scene.app.state.throttle, Throttle(clock=lambda: 0.0)
    scene.app.state.throttle = fresh
    try:
        nobody, editor = scene.people["nobody"], scene.people["editor"]
        answers = [nobody.get("/dcat/catalog.ttl") for _ in range(LIMITS.costly_burst_count + 1)]
        assert [each.status_code for each in answers] == [200] * LIMITS.costly_burst_count + [429]
        assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == ("TOO_OFTEN", "1")
        assert editor.get("/dcat/catalog.ttl").status_code == 200, "whoever is signed in has a bucket of their own"
        for _ in range(LIMITS.costly_burst_count - 1):
            fresh.spend(_account(scene))
        costly = ["/api/v1/resources/export", "/api/v1/libraries/duplicates", "/libraries/duplicates"]
        costly += [
            scene.filled(f"{at}/imports/{{import_id}}/workbook{of}") for at, of in (("/api/v1", ""), ("", "/marked"))
        ]
        for path in costly:
            client = editor if path.startswith("/api/") else scene.browsers["editor"]
            assert client.get(path).status_code == 429, path
    finally:
        scene.app.state.throttle = ours


def _account(scene: Any) -> str:
    (caller,) = [each for each in scene.app.state.throttle._left if not each.startswith("address ")]
    return str(caller)

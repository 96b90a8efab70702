"""What is too much: sent as a list, asked for too often. Each is refused in bounded words and time."""

import contextlib
import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory.accounts.models import Account
from directory.errors import DirectoryError
from directory.http.throttle import Throttle
from directory.limits import LIMITS


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


def test_what_is_costly_is_asked_for_now_and_then(tmp_path: Path) -> None:
    now = [0.0]
    throttle = Throttle(tmp_path / "callers", burst=3, per_second=0.5, most=8, clock=lambda: now[0])
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
    for caller in "cdefghi":  # of nine callers the one longest silent is forgotten
        throttle.spend(caller)
    for left in (True, True, False):
        with contextlib.nullcontext() if left else pytest.raises(DirectoryError):
            throttle.spend("i")
    for _ in range(3):
        throttle.spend("b")
    now[0] += 1000
    for _ in range(3):
        throttle.spend("a")
    with pytest.raises(DirectoryError):
        throttle.spend("a")


def test_processes_count_together_whoever_of_them_dies(tmp_path: Path) -> None:
    """Forked with what was opened before, as workers are, each asks until it is refused; one is killed asking."""
    path = tmp_path / "callers"
    throttle = Throttle(path, burst=2_000, clock=lambda: 1.0)
    forking = multiprocessing.get_context("fork")
    given = forking.SimpleQueue()
    killed = forking.Process(target=_ask_on, args=(throttle, "b"))
    askers = [forking.Process(target=_ask_until_refused, args=(throttle, given)) for _ in range(2)]
    for each in (killed, *askers):
        each.start()
    counts = [given.get() for _ in askers]
    killed.kill()
    for each in (killed, *askers):
        each.join(timeout=30)
    assert sum(counts) == 2_000
    with pytest.raises(DirectoryError):
        Throttle(path, burst=2_000, clock=lambda: 1.0).spend("a")
    assert path.stat().st_mode & 0o777 == 0o600
    started_anew = Throttle(path, burst=2_000, clock=lambda: 0.5)  # the machine's clock begins at nothing
    for _ in range(2_000):
        started_anew.spend("a")
    with pytest.raises(DirectoryError):
        started_anew.spend("a")


def _ask_until_refused(throttle: Throttle, given: Any) -> None:
    count = 0
    with contextlib.suppress(DirectoryError):
        while True:
            throttle.spend("a")
            count += 1
    given.put(count)


def _ask_on(throttle: Throttle, caller: str) -> None:
    while True:
        with contextlib.suppress(DirectoryError):
            throttle.spend(caller)


def test_what_cannot_be_counted_is_not_answered(tmp_path: Path) -> None:
    (tmp_path / "callers").symlink_to("/dev/full")
    with pytest.raises(OSError, match="callers"):
        Throttle(tmp_path / "callers")


def test_an_asking_costs_next_to_nothing(tmp_path: Path) -> None:
    throttle = Throttle(tmp_path / "callers", burst=10_000)
    began = time.process_time()
    for number in range(2_000):
        throttle.spend(f"address 10.0.{number // 250}.{number % 250}")
    assert (time.process_time() - began) / 2_000 < 0.0002


def test_the_public_catalogue_and_exports_are_refused_when_asked_too_often(scene: Any, tmp_path: Path) -> None:
    ours, fresh = scene.app.state.throttle, Throttle(tmp_path / "callers", clock=lambda: 0.0)
    scene.app.state.throttle = fresh
    try:
        nobody, editor = scene.people["nobody"], scene.people["editor"]
        answers = [nobody.get("/dcat/catalog.ttl") for _ in range(LIMITS.costly_burst_count + 1)]
        assert [each.status_code for each in answers] == [200] * LIMITS.costly_burst_count + [429]
        assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == ("TOO_OFTEN", "1")
        assert editor.get("/dcat/catalog.ttl").status_code == 200, "whoever is signed in has a bucket of their own"
        for _ in range(LIMITS.costly_burst_count - 1):
            fresh.spend(_account(scene, editor))
        costly = ["/api/v1/resources/export", "/api/v1/libraries/duplicates", "/libraries/duplicates"]
        costly += [
            scene.filled(f"{at}/imports/{{import_id}}/workbook{of}") for at, of in (("/api/v1", ""), ("", "/marked"))
        ]
        for path in costly:
            client = editor if path.startswith("/api/") else scene.browsers["editor"]
            assert client.get(path).status_code == 429, path
    finally:
        scene.app.state.throttle = ours


def _account(scene: Any, client: Any) -> str:
    with scene.app.state.sessions() as session:
        username = client.get("/api/v1/me").json()["username"]
        return str(session.scalar(select(Account.id).where(Account.username == username)))

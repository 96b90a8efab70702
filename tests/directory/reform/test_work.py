"""An act that goes on beside the requests: seen from elsewhere, stopped, taken up again; never half done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from directory.accounts.models import Account
from directory.clock.today import shanghai_today
from directory.errors import DirectoryError
from directory.http.throttle import Throttle
from directory.reform import carry_out as carrying
from directory.reform import work
from directory.roles import Role
from tests.directory.access.conftest import Town
from tests.directory.reform.conftest import PAPER, ROUTE, rows, seen, turn


@pytest.fixture(autouse=True)
def _nothing_is_left(town: Town) -> Iterator[None]:
    yield
    turn(town)


def post(town: Town, begun: dict[str, Any], verb: str) -> Any:
    return town.people["approver"].client.post(f"{ROUTE}/{begun['reform_id']}/{verb}")


def people_of(town: Town, code: str) -> int:
    return int(rows(town, "SELECT count(*) FROM account WHERE org_code = :code", code=code)[0][0])


def held_at(town: Town, monkeypatch: pytest.MonkeyPatch, stage: str) -> tuple[Event, Event]:
    """Whoever works waits at the first part of this stage: they have come there; they may go on."""
    arrived, go_on = Event(), Event()
    original = carrying.carry_out

    def slowly(*arguments: Any, watch: Any, **more: Any) -> Any:
        def watched(name: str, done: int, total: int) -> None:
            watch(name, done, total)
            if name == stage and not arrived.is_set():
                arrived.set()
                assert go_on.wait(20)

        return original(*arguments, watch=watched, **more)

    monkeypatch.setattr(work, "carry_out", slowly)
    return arrived, go_on


def test_how_far_it_is_is_seen_while_none_of_it_holds(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen(town, begun)["state"] == "waiting"
    arrived, go_on = held_at(town, monkeypatch, "noting")
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(turn, town)
        assert arrived.wait(20)
        told = seen(town, begun)
        assert (told["state"], told["stage"], told["done_count"]) == ("working", "noting", 0)
        assert told["total_count"] > 2
        assert people_of(town, begun["old"]) == 3, "nobody has moved before everybody has"
        assert not turn(town), "it is at work: no other server begins it"
        go_on.set()
        assert working.result()
    assert seen(town, begun)["state"] == "done"
    assert (people_of(town, begun["old"]), people_of(town, begun["new"])) == (0, 6)
    made = town.people["approver"].client.get(f"{ROUTE}/{begun['reform_id']}").json()
    assert (made["kind"], made["organisations"][0]["code"]) == ("merge", begun["old"])
    assert post(town, begun, "stop").json()["code"] == "REFORM_NOT_UNDER_WAY"
    assert post(town, begun, "again").json()["code"] == "REFORM_NOT_UNDER_WAY"


def test_stopped_it_has_moved_nothing_and_can_be_begun_again(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, go_on = held_at(town, monkeypatch, "moving")
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(turn, town)
        assert arrived.wait(20)
        assert post(town, begun, "stop").json()["is_stopping"]
        go_on.set()
        working.result()
    told = seen(town, begun)
    assert (told["state"], told["problem"]["code"]) == ("failed", "REFORM_STOPPED")
    assert people_of(town, begun["old"]) == 3
    assert rows(town, "SELECT 1 FROM reform WHERE id = :id", id=begun["reform_id"]) == []
    assert not turn(town)
    assert post(town, begun, "again").status_code == 202
    assert turn(town)
    assert (seen(town, begun)["state"], people_of(town, begun["old"])) == ("done", 0)


def test_a_server_that_died_is_followed_by_the_next(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = carrying.carry_out

    def dies(*arguments: Any, **more: Any) -> Any:
        original(*arguments, **more)
        assert seen(town, begun)["stage"] == "telling"
        raise OperationalError("", {}, Exception("the server is gone"))

    monkeypatch.setattr(work, "carry_out", dies)
    with pytest.raises(OperationalError):
        turn(town)
    told = seen(town, begun)
    assert (told["state"], told["tries"], people_of(town, begun["old"])) == ("waiting", 1, 3)
    stages: list[tuple[str, int]] = []

    def looks(*arguments: Any, **more: Any) -> Any:
        stages.append((seen(town, begun)["stage"], seen(town, begun)["done_count"]))
        return original(*arguments, **more)

    monkeypatch.setattr(work, "carry_out", looks)
    assert turn(town)
    assert stages == [("waiting", 0)], "what the dead one had come to is not said of the next"
    assert (seen(town, begun)["state"], seen(town, begun)["tries"]) == ("done", 2)


def test_what_breaks_off_time_and_again_is_given_up_and_said(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any, **__: Any) -> Any:
        raise OperationalError("", {}, Exception("out of memory"))

    monkeypatch.setattr(work, "carry_out", dies)
    for _ in range(3):
        with pytest.raises(OperationalError):
            turn(town)
    assert turn(town)
    assert seen(town, begun)["problem"]["code"] == "REFORM_BROKEN_OFF"
    assert not turn(town)


def test_something_else_to_move_by_then_is_refused_and_kept_as_the_reason(
    town: Town, begun: dict[str, Any], city: Any
) -> None:
    city.person(begun["old"], Role.EDITOR)
    assert turn(town)
    told = seen(town, begun)
    assert (told["state"], told["problem"]["code"]) == ("failed", "REFORM_CHANGED")
    assert post(town, begun, "again").json()["code"] == "REFORM_CHANGED"
    answer = town.people["approver"].client.post(f"{ROUTE}/begin", json=begun["body"])
    assert (answer.status_code, answer.json()["code"]) == (409, "REFORM_CHANGED")


def test_others_neither_see_nor_stop_it(town: Town, begun: dict[str, Any]) -> None:
    clerk = town.people["clerk"]
    place = f"{ROUTE}/{begun['reform_id']}"
    assert clerk.client.get(f"{place}/progress").status_code == 403
    assert clerk.client.post(f"{place}/stop").status_code == 403
    assert clerk.client.post(f"{place}/again").status_code == 403
    browser = town.city.browser(clerk.actor.username)
    assert browser.get(f"/reforms/{begun['reform_id']}").status_code == 404
    assert "还没有办完的" not in browser.get("/reforms").text


def test_the_page_of_one_under_way_and_of_one_stopped(town: Town, begun: dict[str, Any]) -> None:
    browser = town.city.browser(town.people["approver"].actor.username)
    place = f"/reforms/{begun['reform_id']}"
    assert f'href="{place}"' in browser.get("/reforms").text
    shown = browser.get(place)
    assert ('http-equiv="refresh"' in shown.text, "等待开始" in shown.text) == (True, True)
    assert browser.send(place, f"{place}/stop").headers["location"] == place
    assert "已要求停止" in browser.get(place).text
    assert turn(town)
    ended = browser.get(place)
    assert ("按要求停止了" in ended.text, 'http-equiv="refresh"' in ended.text) == (True, False)
    assert "按要求停止了" in browser.get("/reforms").text
    assert browser.send(place, f"{place}/stop").status_code == 409
    assert browser.send(place, f"{place}/again").headers["location"] == place
    assert turn(town)
    assert "全部移交" in browser.get(place).text


def test_a_long_one_on_the_page_leads_to_its_progress(
    town: Town, department: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LONG", 1)
    browser = town.city.browser(town.people["approver"].actor.username)
    old, new = department("戌局"), department("亥局")
    form = f"/reforms/new?kind=merge&organisation={old}"
    typed = {"kind": "merge", "organisations": old, "successors": new, "basis": PAPER}
    typed["effective_on"] = shanghai_today().isoformat()
    shown = browser.send(form, "/reforms/new", do="preview", **typed)
    assert "会显示进度，可以离开，也可以停止" in shown.text
    digest = shown.text.split('name="digest" value="')[1][:64]
    answer = browser.send(form, "/reforms/new", do="carry_out", digest=digest, **typed)
    place = answer.headers["location"]
    assert "戌局" in browser.get(place).text
    assert people_of(town, old) == 3
    assert turn(town)
    assert "亥局" in browser.get(place).text
    assert people_of(town, old) == 0


def test_one_act_is_carried_out_after_the_other(
    town: Town, begun: dict[str, Any], start: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two servers the second would wait for the tree, which the first holds for minutes, and be refused."""
    second = start()
    arrived, go_on = held_at(town, monkeypatch, "moving")
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(turn, town)
        assert arrived.wait(20)
        try:
            assert not turn(town)
            assert (seen(town, second)["state"], seen(town, second)["tries"]) == ("waiting", 0)
        finally:
            go_on.set()
        assert working.result()
    assert turn(town)
    assert (seen(town, begun)["state"], seen(town, second)["state"]) == ("done", "done")


def test_a_connection_that_breaks_ends_the_try_and_not_the_act(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = carrying.carry_out
    holder = "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory'"
    ending = f"SELECT pg_terminate_backend(pid) FROM ({holder} AND d.datname = current_database()) AS at_work"

    def cut_off(*arguments: Any, watch: Any, **more: Any) -> Any:
        def watched(name: str, done: int, total: int) -> None:
            watch(name, done, total)
            if name == "noting":
                rows(town, ending)

        return original(*arguments, watch=watched, **more)

    with monkeypatch.context() as patch:
        patch.setattr(work, "carry_out", cut_off)
        with pytest.raises(DirectoryError, match="DATABASE_AWAY"):
            turn(town)
    told = seen(town, begun)
    assert (told["state"], told["tries"], people_of(town, begun["old"])) == ("waiting", 1, 3)
    assert turn(town)
    assert (seen(town, begun)["state"], people_of(town, begun["old"])) == ("done", 0)


def test_it_is_stopped_as_long_as_it_says_so(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its last stage nothing more is counted: whoever stops it there is not told so and then passed over."""
    arrived, go_on = held_at(town, monkeypatch, "telling")
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(turn, town)
        assert arrived.wait(20)
        assert post(town, begun, "stop").status_code == 200
        go_on.set()
        working.result()
    assert seen(town, begun)["problem"]["code"] == "REFORM_STOPPED"
    assert people_of(town, begun["old"]) == 3


def test_what_ended_meanwhile_is_said_to_have_ended(town: Town, begun: dict[str, Any]) -> None:
    approver = town.people["approver"].actor
    with town.city.app.state.sessions() as session:
        row = session.get(work.ReformWork, UUID(begun["reform_id"]))  # as it was seen just before
        assert row.ended_at is None
        assert turn(town)
        for verb in (work.stop, work.again):
            with pytest.raises(DirectoryError) as refused:
                verb(session, approver, row.reform_id, datetime.now(UTC))
            assert "已办理" in refused.value.zh


def test_an_act_whose_beginner_left_waits_for_another_lead(town: Town, start: Callable[..., dict[str, Any]]) -> None:
    city = town.city
    leaving = city.person(town.orgs["office"], Role.OFFICE_APPROVER)
    begun = start(leaving.client)
    with city.app.state.sessions.begin() as session:
        session.get_one(Account, leaving.actor.account_id).is_active = False
    assert turn(town)
    problem = seen(town, begun)["problem"]
    assert (problem["code"], "开始办理的人已停用" in problem["detail"]) == ("FORBIDDEN", True)
    browser = city.browser(town.people["approver"].actor.username)
    place = f"/reforms/{begun['reform_id']}"
    assert "照原来的清单再办一次" in browser.get(place).text
    assert browser.send(place, f"{place}/again").headers["location"] == place
    assert turn(town)
    made = town.people["approver"].client.get(f"{ROUTE}/{begun['reform_id']}").json()
    assert made["carrier_name"] == town.people["approver"].actor.display_name


def test_one_that_nobody_had_to_wait_for_is_done(town: Town, department: Callable[..., str]) -> None:
    body = {"kind": "rename", "organisations": [department()], "name": "丑局", "basis": PAPER}
    body["effective_on"] = shanghai_today().isoformat()
    client = town.people["approver"].client
    digest = client.post(f"{ROUTE}/preview", json=body).json()["digest"]
    made = client.post(ROUTE, json=body | {"digest": digest}).json()
    told = seen(town, {"reform_id": made["id"]})
    assert (told["state"], told["kind_name"], told["organisations"]) == ("done", "更名", body["organisations"])
    for verb in ("stop", "again"):
        answer = post(town, {"reform_id": made["id"]}, verb)
        assert (answer.status_code, answer.json()["code"]) == (409, "REFORM_NOT_UNDER_WAY")
        assert "已办理" in answer.json()["detail"]
    unknown = client.get(f"{ROUTE}/{made['id'][:-4]}0000/progress")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "REFORM_UNKNOWN")


def test_who_may_not_carry_one_out_hears_nothing_of_what_is_whose(town: Town, department: Callable[..., str]) -> None:
    old, new = department(), department()
    asked = {"kind": "merge", "organisations": old, "successors": new, "basis": PAPER, "do": "carry_out"}
    asked |= {"effective_on": shanghai_today().isoformat(), "digest": "0" * 64, "person:nobody": new}
    answer = town.city.browser(town.people["clerk"].actor.username).send("/me", "/reforms/new", **asked)
    assert (answer.status_code, "不属于所涉部门" in answer.text) == (403, False)


def test_planning_without_end_is_no_way_to_keep_a_server_busy(
    town: Town, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As for the preview, which takes as long."""
    fresh = Throttle(tmp_path / "callers", burst=1, clock=lambda: 0.0)
    monkeypatch.setattr(town.city.app.state, "throttle", fresh)
    client = town.people["approver"].client
    answers = [client.post(f"{ROUTE}/begin", json=begun["body"] | {"digest": "0" * 64}) for _ in range(2)]
    assert [each.status_code for each in (*answers, post(town, begun, "again"))] == [409, 429, 429]

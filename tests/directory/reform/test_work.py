"""An act that goes on beside the requests: seen from elsewhere, stopped, taken up again; never half done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from directory.clock.today import shanghai_today
from directory.reform import carry_out as carrying
from directory.reform import work
from directory.roles import Role
from tests.directory.access.conftest import Town
from tests.directory.reform.conftest import PAPER, rows

ROUTE = "/api/v1/reforms"


@pytest.fixture
def begun(town: Town, department: Callable[..., str]) -> dict[str, Any]:
    """A merge of two departments that was previewed and begun, and that no server has taken up."""
    old, new = department(), department()
    body = {"kind": "merge", "organisations": [old], "successors": [new], "basis": PAPER}
    body["effective_on"] = shanghai_today().isoformat()
    client = town.people["approver"].client
    previewed = client.post(f"{ROUTE}/preview", json=body).json()
    answer = client.post(f"{ROUTE}/begin", json=body | {"digest": previewed["digest"]})
    assert answer.status_code == 202, answer.text
    return {**answer.json(), "old": old, "new": new, "body": body | {"digest": previewed["digest"]}}


@pytest.fixture(autouse=True)
def _nothing_is_left(town: Town) -> Iterator[None]:
    yield
    turn(town)


def turn(town: Town) -> bool:
    """What a server does every second."""
    return work.turn(town.city.app.state.sessions, town.city.app.state.directory_key)


def seen(town: Town, begun: dict[str, Any]) -> Any:
    """How far it is, as somebody sees it who came back to it."""
    answer = town.people["approver"].client.get(f"{ROUTE}/{begun['reform_id']}/progress")
    assert answer.status_code == 200, answer.text
    return answer.json()


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
    assert (shown.headers["refresh"], "等待开始" in shown.text) == ("2", True)
    assert browser.send(place, f"{place}/stop").headers["location"] == place
    assert "已要求停止" in browser.get(place).text
    assert turn(town)
    ended = browser.get(place)
    assert ("按要求停止了" in ended.text, "refresh" in ended.headers) == (True, False)
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

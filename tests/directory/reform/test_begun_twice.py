"""Acts in each other's way: one waits for a terminal without wearing out, of two the same the second is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from directory.accounts.models import Account
from directory.audit.models import AuditLog, AuditOut
from directory.organisations.queries import lock_tree
from directory.reform import work
from directory.roles import Role
from metadata.audit import AuditEntry
from tests.directory.access.conftest import Town
from tests.directory.reform.conftest import ROUTE, seen, turn


def ends_of(town: Town, begun: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What the log says of an act's end without being carried out: by whom it was begun, how it ended and why."""
    with town.city.app.state.sessions() as session:
        kept = [AuditEntry.from_bytes(row.bytes) for table in (AuditLog, AuditOut) for row in session.query(table)]
    of_it = [each for each in kept if (each.action, each.subject) == ("reform:end", begun["reform_id"])]
    return [(each.actor, each.outcome, each.code) for each in of_it]


def test_while_somebody_holds_the_tree_at_a_terminal_it_waits(town: Town, begun: dict[str, Any]) -> None:
    with town.city.app.state.sessions.begin() as session:
        lock_tree(session)
        for _ in range(5):
            assert not turn(town)
        told = seen(town, begun)
        assert (told["state"], told["tries"]) == ("waiting", 0)
    assert turn(town)
    assert (seen(town, begun)["state"], seen(town, begun)["tries"]) == ("done", 1)


def test_while_it_waits_it_can_be_stopped(town: Town, begun: dict[str, Any]) -> None:
    with town.city.app.state.sessions.begin() as session:
        lock_tree(session)
        assert town.people["approver"].client.post(f"{ROUTE}/{begun['reform_id']}/stop").status_code == 200
        assert turn(town)
        assert seen(town, begun)["problem"]["code"] == "REFORM_STOPPED"


def test_the_same_act_is_not_begun_twice(town: Town, begun: dict[str, Any]) -> None:
    client = town.people["approver"].client
    answer = client.post(f"{ROUTE}/begin", json=begun["body"])
    assert (answer.status_code, answer.json()["code"]) == (409, "REFORM_UNDER_WAY")
    assert "已有一次机构改革在办理" in answer.json()["detail"]
    assert client.post(f"{ROUTE}/{begun['reform_id']}/stop").status_code == 200
    assert turn(town)
    second = client.post(f"{ROUTE}/begin", json=begun["body"])
    assert second.status_code == 202, "the first has ended"
    first_again = client.post(f"{ROUTE}/{begun['reform_id']}/again")
    assert (first_again.status_code, first_again.json()["code"]) == (409, "REFORM_UNDER_WAY")
    assert turn(town)
    assert seen(town, second.json())["state"] == "done"


def test_of_two_begun_at_one_instant_one_goes_on(town: Town, begun: dict[str, Any]) -> None:
    client = town.people["approver"].client
    assert client.post(f"{ROUTE}/{begun['reform_id']}/stop").status_code == 200
    assert turn(town)
    together = Barrier(2)

    def begin() -> int:
        together.wait()
        return int(client.post(f"{ROUTE}/begin", json=begun["body"]).status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(each.result() for each in [pool.submit(begin), pool.submit(begin)]) == [202, 409]
    assert turn(town)


def test_how_it_ended_without_being_carried_out_is_in_the_log(
    town: Town, begun: dict[str, Any], start: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, approver = town.city, town.people["approver"]
    assert approver.client.post(f"{ROUTE}/{begun['reform_id']}/stop").status_code == 200
    assert turn(town)
    assert ends_of(town, begun) == [(approver.actor.username, "refused", "REFORM_STOPPED")]

    changed = start()
    city.person(changed["old"], Role.EDITOR)
    assert turn(town)
    assert ends_of(town, changed) == [(approver.actor.username, "refused", "REFORM_CHANGED")]

    leaving = city.person(town.orgs["office"], Role.OFFICE_APPROVER)
    orphaned = start(leaving.client)
    with city.app.state.sessions.begin() as session:
        session.get_one(Account, leaving.actor.account_id).is_active = False
    assert turn(town)
    assert ends_of(town, orphaned) == [(leaving.actor.username, "refused", "FORBIDDEN")]

    def dies(*_: Any, **__: Any) -> Any:
        raise OperationalError("", {}, Exception("out of memory"))

    broken = start()
    with monkeypatch.context() as patch:
        patch.setattr(work, "carry_out", dies)
        for _ in range(3):
            with pytest.raises(OperationalError):
                turn(town)
        assert turn(town)
    assert ends_of(town, broken) == [(approver.actor.username, "refused", "REFORM_BROKEN_OFF")]

    fine = start()
    assert turn(town)
    assert ends_of(town, fine) == [], "its end is the act itself"

"""The desk's first rows: what is due first stands first, of whatever kind it is; what has no day comes last."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from directory.home.soonest import soonest
from directory.worklist.worklist import Worklist


def _kind(**values: Any) -> SimpleNamespace:
    told = dict.fromkeys(("state_name", "requester_name", "kind_name", "org_name", "article", "act_name"), "某")
    told |= dict.fromkeys(
        ("resource_title", "title", "provider_name", "from_name", "number", "name", "turn_name"), "某"
    )
    return SimpleNamespace(**told | {"id": 1, "request_id": 1, "state": "draft", "light": "green"} | values)


def _waiting(**kinds: Any) -> Worklist:
    empty: dict[str, Any] = dict.fromkeys(
        ("items", "duties", "matters", "rectifications", "tasks", "uses", "entries"), ()
    )
    return Worklist.model_construct(**empty | kinds)


def test_what_is_due_first_stands_first_whatever_it_is() -> None:
    days = [date(2026, 11, day) for day in range(1, 8)]
    waiting = _waiting(
        items=[_kind(due_on=days[5]), _kind(due_on=None, state="agreed", id=2)],
        duties=[_kind(due_on=days[4], entry_count=1)],
        matters=[_kind(due_on=days[3], address="/corrections/1", state="telling")],
        rectifications=[_kind(until=days[2], is_reported=False)],
        tasks=[_kind(due_on=days[1], link="/services/1")],
        uses=[_kind(due_on=days[0], begins_on=days[0], ends_on=days[1])],
        entries=[_kind(status_name="草稿")],
    )
    found = soonest(waiting, 20)
    assert [line.due_on for line in found] == [*days[:6], None, None]
    assert [line.act_link for line in found] == [
        "/requests/1/uses#form",
        "/services/1",
        "/requests/1#decide",
        "/corrections/1#acknowledge",
        "/duties/1#entries",
        "/requests/1#decide",
        "/requests/2#decide",
        "/resources/1#decide",
    ]
    assert [line.due_on for line in soonest(waiting, 2)] == days[:2]
    assert found[-2].act_name == "去会签"

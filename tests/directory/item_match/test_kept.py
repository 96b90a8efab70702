"""What is kept of the entries finds what their records do, before, while and after it is kept; and stays with them."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from directory.item_match import keep, queries
from directory.item_match.compare import Wanted
from directory.item_match.keep import catch_up, holder, keep_all, left
from directory.item_match.models import HeldEntry, HeldItem
from directory.item_match.queries import MOST_EACH, Match, match_with, matches
from directory.resources.decide import move
from directory.resources.edit import assess, edit
from directory.resources.queries import find, version_record
from metadata.resource import Item, Openness
from tests.directory.access.conftest import ITEMS, TODAY, Town, conditional_sharing, town

__all__ = ["town"]

WANTED = [
    Wanted("姓名"),
    Wanted("身份证号"),
    Wanted("首次登记日期"),
    Wanted("所在地区", "xzqhdm"),
    Wanted("没有的东西"),
    Wanted("执照号", "zzhm"),
]
MORE = (
    Item(name="证照号码", field="zzhm", length=20),
    Item(name="证件", field="zj", base_item="population/id_number", lead_department="示例市公安局"),
)


@pytest.fixture(scope="module")
def entries(town: Town) -> list[str]:
    """Published entries, some open, some with more items; more of them with a name than are shown."""
    made = []
    for number in range(MOST_EACH + 4):
        items = ITEMS + MORE[: number % 3]
        sharing = conditional_sharing(**({"share_type": "unconditional"} if number % 2 else {}))
        opened = Openness(is_open=number % 4 == 0)
        made.append(town.publish(f"登记信息{number:02d}", sharing, items=items, openness=opened))
    return made


def _found(town: Town, who: str = "clerk") -> list[tuple[Match, ...]]:
    with town.city.app.state.sessions() as session:
        found = matches(session, town.people[who].actor, WANTED)
    assert found.uncompared == 0
    return list(found.matches)


def _keep(town: Town, most: int) -> int:
    with town.city.app.state.sessions.begin() as session:
        return catch_up(session, most)


def test_what_is_kept_finds_what_the_records_do(town: Town, entries: list[str]) -> None:
    read = _found(town)
    assert [bool(each) for each in read] == [True, True, True, True, False, True]
    assert len(read[0]) == MOST_EACH
    assert {each.score for each in read[1]} >= {90, 95}
    assert _keep(town, 5) == 5
    assert _found(town) == read, "some are kept, some are not"
    while _keep(town, 5):
        pass
    assert _found(town) == read
    with town.city.app.state.sessions() as session:
        assert session.scalar(select(func.count()).select_from(HeldEntry)) == len(entries)
    assert _found(town, "outside_lead") == read


def _forget(town: Town) -> None:
    with town.city.app.state.sessions.begin() as session:
        session.execute(delete(HeldEntry))


def test_a_request_reads_no_more_than_a_few_records_and_says_how_many_it_was_made_without(
    town: Town, entries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget(town)
    monkeypatch.setattr(queries, "MOST_READ", 3)
    _keep(town, 5)
    with town.city.app.state.sessions() as session:
        found = matches(session, town.people["clerk"].actor, [Wanted("姓名")])
        assert (len(found.matches[0]), found.uncompared) == (8, len(entries) - 8)
        assert 30 <= found.wait_seconds < 60
        actor = town.people["clerk"].actor
        for ref in entries:  # the one that is looked at needs nobody else's
            assert match_with(session, actor, Wanted("姓名"), UUID(ref), "xm") is not None
            assert match_with(session, actor, Wanted("姓名"), UUID(ref), "djrq") is None
    _keep(town, len(entries) - 8)
    with town.city.app.state.sessions() as session:
        found = matches(session, town.people["clerk"].actor, [Wanted("姓名")])
        assert (len(found.matches[0]), found.uncompared) == (MOST_EACH, 0)


def test_a_new_version_and_a_suspension_are_seen_at_once(town: Town, entries: list[str]) -> None:
    while _keep(town, 100):
        pass
    ref, editor = entries[1], town.people["editor"].actor
    with town.city.app.state.sessions.begin() as session:
        entry = find(session, editor, ref)
        record = version_record(session, editor, entry, entry.current_version)
        renamed = tuple(
            item.model_copy(update={"name": "执照号"}) if item.field == "xm" else item for item in record.items
        )
        now = datetime.now(UTC)
        edit(session, editor, ref, record.model_copy(update={"items": renamed}), entry.current_version, now)
        for kind in ("secrecy", "personal_information"):
            words: dict[str, Any] = {"conclusion": "风险可控", "assessed_on": TODAY, "is_passed": True}
            assess(session, editor, ref, kind=kind, now=now, **words)
    for who, to in (
        ("head", "head_approved"),
        ("editor", "submitted"),
        ("reviewer", "reviewed"),
        ("approver", "published"),
    ):
        town.move(who, ref, to)
    best = _found(town)[5][0]
    assert (str(best.resource_id), best.score) == (ref, 100)
    assert _keep(town, 100) == 1
    assert _found(town)[5][0] == best
    with town.city.app.state.sessions.begin() as session:
        move(session, town.people["approver"].actor, ref, "suspended", "核查", datetime.now(UTC))
    assert ref not in {str(each.resource_id) for found in _found(town) for each in found}
    assert _keep(town, 100) == 0
    with town.city.app.state.sessions() as session:
        held = select(func.count()).select_from(HeldItem).where(HeldItem.resource_id == ref)
        assert session.scalar(held) == len(renamed)


def test_one_keeps_at_a_time(town: Town, entries: list[str]) -> None:
    sessions = town.city.app.state.sessions
    with sessions.begin() as first, sessions.begin() as second:
        catch_up(first)
        assert catch_up(second) == 0
    assert len(entries) == MOST_EACH + 4


def test_entries_are_kept_before_anybody_asks(town: Town, entries: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(town)
    monkeypatch.setattr(keep, "_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(keep, "_A_TURN", 5)
    beside = holder(town.city.app.state.sessions)
    beside.start()
    try:
        until = time.monotonic() + 30
        while _left(town) and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        beside.stop()
    assert _left(town) == 0
    assert len(_found(town)[0]) == MOST_EACH


def test_keeping_at_once_tells_how_far_it_is_and_goes_on_where_it_was_stopped(town: Town, entries: list[str]) -> None:
    _forget(town)
    sessions, count = town.city.app.state.sessions, len(entries)
    stopped = keep_all(sessions, 5)
    assert next(stopped) == (5, count)
    stopped.close()
    assert _left(town) == count - 5
    assert list(keep_all(sessions, 5)) == [(each, count - 5) for each in (5, 10, count - 5)]
    assert list(keep_all(sessions, 5)) == []


def _left(town: Town) -> int:
    with town.city.app.state.sessions() as session:
        return left(session)

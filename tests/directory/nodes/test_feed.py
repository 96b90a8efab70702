"""The feed: one chain without gaps, whatever happens at once or is rolled back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from directory.limits import LIMITS
from directory.nodes.feed import append, page
from metadata.access import GrantChange
from metadata.feed import EMPTY_CHAIN, FeedEntry, FeedHead, FeedPage, extend_chain
from metadata.signed import Signed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE = timedelta(seconds=60)


def statement(app: Any, words: str = "演练") -> Signed:
    change = GrantChange(grant_id=f"g-{words}", to="suspended", at=NOW)
    return Signed.sign("grant_change/1", change, app.state.directory_key)


def whole(app: Any) -> tuple[FeedHead, list[FeedEntry]]:
    """The feed as a new node reads it: page after page until it holds what the head counts."""
    key, entries = app.state.directory_key, []
    while True:
        with app.state.sessions() as session:
            answer = page(session, key, "gongan", len(entries), NOW, MINUTE)
        entries += answer.entries
        head = answer.head.open("feed_head/1", FeedHead, {key.key_id: key.verifying}.get)
        if len(entries) == head.size:
            return head, entries


def check_chain(head: FeedHead, entries: list[FeedEntry]) -> None:
    chain = EMPTY_CHAIN
    for number, entry in enumerate(entries, start=1):
        assert entry.seq == number
        chain = extend_chain(chain, entry)
    assert head.digest == chain.hex()


def test_an_empty_feed_has_a_head(directory_app: Any) -> None:
    head, entries = whole(directory_app)
    if not entries:
        assert (head.size, head.digest) == (0, EMPTY_CHAIN.hex())
    assert head.valid_until - head.issued_at == MINUTE


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from(["commit", "roll back"]), st.integers(1, 4)), max_size=6))
def test_every_history_is_one_chain_without_gaps(directory_app: Any, moves: list[tuple[str, int]]) -> None:
    before, _ = whole(directory_app)
    committed = 0
    for outcome, count in moves:
        with directory_app.state.sessions() as session:
            for number in range(count):
                append(session, "grant_change", statement(directory_app, f"第{number}次"), NOW)
            if outcome == "commit":
                session.commit()
                committed += count
    head, entries = whole(directory_app)
    assert head.size == before.size + committed
    check_chain(head, entries)


def test_writers_at_once_make_one_chain(directory_app: Any) -> None:
    before, _ = whole(directory_app)

    def write(number: int) -> None:
        with directory_app.state.sessions.begin() as session:
            append(session, "grant_change", statement(directory_app, str(number)), NOW)
            session.execute(text("SELECT pg_sleep(0.01)"))  # the lock is held until the commit

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(12)))
    head, entries = whole(directory_app)
    assert head.size == before.size + 12
    check_chain(head, entries)


def test_a_long_feed_comes_in_pages_under_one_head(directory_app: Any) -> None:
    with directory_app.state.sessions.begin() as session:
        for _ in range(LIMITS.feed_page_count + 1):
            append(session, "grant_change", statement(directory_app), NOW)
    with directory_app.state.sessions() as session:
        first = page(session, directory_app.state.directory_key, "gongan", 0, NOW, MINUTE)
    assert len(first.entries) == LIMITS.feed_page_count
    check_chain(*whole(directory_app))


def test_a_node_reads_the_feed(directory_app: Any, new_node: Callable[..., Any]) -> None:
    node = new_node("fagai")
    before = datetime.now(UTC)
    answer = FeedPage.from_bytes(node.call("GET", "/api/v1/feed?after=0").content)
    key = directory_app.state.directory_key
    head = answer.head.open("feed_head/1", FeedHead, {key.key_id: key.verifying}.get)
    assert before <= head.issued_at <= datetime.now(UTC)
    assert head.valid_until - head.issued_at == MINUTE
    assert FeedPage.from_bytes(node.call("GET", f"/api/v1/feed?after={head.size}").content).entries == ()
    assert node.call("GET", "/api/v1/feed?after=-1").status_code == 422


@pytest.mark.parametrize("statement", ["UPDATE feed_entry SET kind = 'node'", "DELETE FROM feed_entry"])
def test_the_applications_role_cannot_rewrite_the_feed(directory_app: Any, statement: str) -> None:
    with directory_app.state.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))

"""A provider gone wrong signs too: what changes a received table too much waits for a person at the consumer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.consumer.last_merge import LastMerge, Tally
from exchange.consumer.shift import told
from exchange.limits import LIMITS
from exchange.redrive import redrive
from exchange.settings import NodeSettings
from tests.sim.people import people
from tests.sim.town import Route, Town

COUNT = st.integers(min_value=0, max_value=10_000)


def _last(rows: int, nulls: int = 0) -> LastMerge:
    return LastMerge(1, Tally(rows, {"xm": nulls}, {}), is_first=False, is_kept=True, is_undone=False, is_paused=False)


@pytest.mark.parametrize(
    ("was", "now", "gone", "is_told"),
    [
        (1000, 1300, 0, False),
        (1000, 1301, 0, True),
        (1000, 700, 300, False),
        (1000, 699, 301, True),
        (1000, 1000, 301, True),  # as many new ones in their place
        (50, 150, 0, False),
        (50, 151, 0, True),
        (0, 100_000, 0, True),
    ],
)
def test_rows_and_keys(was: int, now: int, gone: int, is_told: bool) -> None:
    assert bool(told(_last(was), Tally(now, {"xm": 0}, {}), gone, 0.3)) is is_told


def test_values_missing_or_no_longer_missing() -> None:
    for before, after in ((0, 310), (900, 590)):
        (said,) = told(_last(1000, before), Tally(1000, {"xm": after}, {}), 0, 0.3)
        assert "列 xm" in said[0]
        assert "column xm" in said[1]
    assert told(_last(1000, 0), Tally(1000, {"xm": 300, "je": 1000}, {}), 0, 0.3) == []  # a column of a later grant
    assert told(_last(100, 0), Tally(100, {"xm": 100}, {}), 0, 0.3) == []


@given(was=COUNT, now=COUNT, gone=COUNT)
@settings(max_examples=60, deadline=None)
def test_a_small_difference_is_never_told_and_a_limit_of_all_tells_only_growth(was: int, now: int, gone: int) -> None:
    small = min(gone, LIMITS.shift_rows)
    near = max(0, min(now, was + LIMITS.shift_rows, 10_000), was - LIMITS.shift_rows)
    if abs(near - was) <= LIMITS.shift_rows:
        assert told(_last(was), Tally(near, {"xm": 0}, {}), small, 0.3) == []
    said = told(_last(was), Tally(now, {"xm": 0}, {}), min(gone, was), 1.0)
    assert not said or now > 2 * was


def _fill(route: Route, first: int, last: int) -> None:
    _, name, region, amount, changed = people(1)[0]
    route.town.run(
        "gongan",
        f"INSERT INTO {route.source} (id_no, name, region, amount, changed_at)"
        " SELECT '98' || lpad(i::text, 15, '0') || 'X', %s, %s, %s, %s FROM generate_series(%s, %s - 1) i",
        (name, region, amount, changed, first, last),
    )


def test_held_with_nothing_of_a_row_in_it_until_a_person_lets_it_go(town: Town) -> None:
    route = town.route([])
    _fill(route, 0, 300)
    route.exchange()
    before = route.received_rows()
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no < '98' || lpad('150', 15, '0')")
    _fill(route, 1000, 1150)
    town.run("gongan", f"UPDATE {route.source} SET amount = NULL")
    seq = route.send()  # as many rows as before: the provider's own guard sees nothing
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "TARGET_SHIFT")
    assert "300 行中 150 行的主键消失" in outcome.explanation_zh
    assert "列 je 的空值由 0% 变为 100%" in outcome.explanation_zh
    assert "98" not in outcome.explanation_zh.replace(route.source, "")
    assert route.received_rows() == before
    assert route.findings() == []
    with town.node("renshe") as node:
        redrive(node, route.route_id, seq, "王处长")
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_a_new_grant_and_a_higher_limit_let_it_pass(town: Town) -> None:
    route = town.route([])
    _fill(route, 0, 10)
    route.exchange()
    _fill(route, 10, 200)
    renewed = route.renew()
    renewed.exchange()
    _fill(route, 200, 600)
    home = town.homes["renshe"]
    settings_file = home / "node.toml"
    kept = NodeSettings.read(settings_file)
    kept.model_copy(update={"shift_share": 5.0}).write(settings_file)
    try:
        renewed.exchange()
    finally:
        kept.write(settings_file)
    assert renewed.received_rows() == renewed.sent_rows()

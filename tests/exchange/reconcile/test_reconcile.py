"""Two ends compare what they hold: equal, or what differs, each at its own end; through the real relay."""

from dataclasses import replace

import pytest

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers import sync
from exchange.reconcile import consumer, differences, provider
from exchange.reconcile.turn import due, nightly, turn
from metadata.reconciliation import Reconciliation, sentence
from tests.exchange.reconcile.steps import begin, go, kinds, loose_route, reconcile, session_at
from tests.sim.people import people
from tests.sim.town import Route, Town

ROWS = [
    ("990000000000000001", "张三", "990001", "1.50", "2026-01-02T03:04:05Z"),
    ("990000000000000002", None, "990001", "2.50", None),
    ("990000000000000003", "caf\u00e9", "990002", None, "2026-01-02T03:04:05.678901Z"),
    ("990000000000000004", 'a,"(\\b', "990002", "4.00", "infinity"),
]


def counts(found: Reconciliation) -> tuple[int, int, int, int]:
    return found.missing, found.extra, found.different, found.pending


def alter(route: Route, statement: str) -> None:
    route.town.run("renshe", statement.format(t=f"shared.{route.grant.target_table}"))


def test_equal_rows_are_equal(town: Town) -> None:
    route = loose_route(town, ROWS)
    route.exchange()
    found = reconcile(route)
    assert (found.outcome, found.provider_rows, found.consumer_rows) == ("equal", 4, 4)
    assert (found.relay_by_provider, found.relay_by_consumer) == ("agrees", "agrees")
    assert not found.is_alarming
    assert sentence(found) == "两端逐行一致。"
    assert kinds(route, "gongan") == kinds(route, "renshe") == []


def test_what_somebody_altered_in_the_target(town: Town) -> None:
    route = loose_route(
        town,
        [
            ("different: content", "张三", "990001", "1.50", None),
            ("different: scale", "张三", "990001", "1.50", None),
            ("different: NULL", None, "990001", "1.50", None),
            ("different: NFC", "caf\u00e9", "990001", "1.50", None),
            ("different: time", None, "990001", None, "2026-01-02T03:04:05.678901Z"),
            ("missing: key", "张三", "990001", "1.50", None),
            ("missing: row", "张三", "990001", "1.50", None),
            *people(20),
        ],
    )
    route.exchange()
    for statement in (
        "UPDATE {t} SET xm = '李四' WHERE gmsfhm = 'different: content'",
        "UPDATE {t} SET je = 1.5 WHERE gmsfhm = 'different: scale'",
        "UPDATE {t} SET xm = '' WHERE gmsfhm = 'different: NULL'",
        "UPDATE {t} SET xm = 'cafe\u0301' WHERE gmsfhm = 'different: NFC'",
        "UPDATE {t} SET gxsj = '2026-01-02T03:04:05.678902Z' WHERE gmsfhm = 'different: time'",
        "UPDATE {t} SET gmsfhm = 'extra: key' WHERE gmsfhm = 'missing: key'",
        "DELETE FROM {t} WHERE gmsfhm = 'missing: row'",
        "INSERT INTO {t} (gmsfhm, xm) VALUES ('extra: row', '多出')",
    ):
        alter(route, statement)
    found = reconcile(route)
    assert (found.outcome, counts(found)) == ("differs", (2, 2, 5, 0))
    assert found.is_alarming
    for name, elsewhere in (("gongan", "extra"), ("renshe", "missing")):
        with town.node(name) as node:
            for item in differences.listed(node, route.route_id):
                assert item.kind == elsewhere if item.row_key is None else item.row_key["gmsfhm"].startswith(item.kind)
    assert len(kinds(route, "gongan")) == len(kinds(route, "renshe")) == 9


def test_an_emptied_target(town: Town) -> None:
    route = loose_route(town, ROWS)
    route.exchange()
    alter(route, "DELETE FROM {t}")
    assert counts(reconcile(route)) == (4, 0, 0, 0)


def test_equal_rows_of_a_table_without_key_are_counted(town: Town) -> None:
    route = loose_route(town, [ROWS[0]] * 3 + [ROWS[1]], is_keyed=False)
    route.exchange()
    assert reconcile(route).outcome == "equal"
    alter(route, "DELETE FROM {t} WHERE ctid = (SELECT max(ctid) FROM {t} WHERE xm IS NOT NULL)")
    assert counts(reconcile(route)) == (1, 0, 0, 0)
    alter(route, "INSERT INTO {t} SELECT * FROM {t} WHERE xm IS NOT NULL")
    assert counts(reconcile(route)) == (0, 1, 0, 0)


def test_what_the_source_has_changed_since_is_no_difference(town: Town) -> None:
    route = loose_route(town, ROWS)
    route.exchange()
    town.run("gongan", f"UPDATE {route.source} SET name = '改' WHERE id_no LIKE '%1'")
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no LIKE '%2'")
    route.insert([("99Z", "新", "990001", "1", None)])
    found = reconcile(route)
    assert (found.outcome, counts(found), found.knows_changes) == ("pending", (0, 0, 0, 3), True)
    assert not found.is_alarming
    alter(route, "UPDATE {t} SET xm = '动' WHERE gmsfhm LIKE '%3'")
    assert counts(reconcile(route)) == (0, 0, 1, 3)


def test_without_the_snapshot_a_new_row_at_the_source_counts_as_missing(town: Town) -> None:
    route = loose_route(town, ROWS)
    route.exchange()
    with town.node("gongan") as node, node.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM source_state WHERE route_id = %s", (route.route_id,))
    town.run("gongan", f"UPDATE {route.source} SET name = '改' WHERE id_no LIKE '%1'")
    route.insert([("99Z", "新", "990001", "1", None)])
    found = reconcile(route)
    assert (found.outcome, counts(found), found.knows_changes) == ("differs", (1, 0, 0, 1), False)


def test_rows_set_aside_are_not_missing(town: Town) -> None:
    route = town.route([*people(5), ("99000000000000999X", None, "990001", "1.00", "2026-01-01T00:00:00Z")])
    seq = route.exchange()
    assert route.batch("gongan", seq).set_aside == 1
    found = reconcile(route)
    assert (found.outcome, found.provider_rows) == ("equal", 5)


def test_many_differences_are_examined_up_to_a_bound(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "LIMITS", replace(LIMITS, reconcile_rows=200))
    route = town.route([])
    town.run(
        "gongan",
        f"INSERT INTO {route.source} (id_no, name, region, amount)"
        " SELECT 99 || lpad(i::text, 15, '0') || 'X', '张三', '990001', i FROM generate_series(1, 6000) i",
    )
    route.exchange()
    alter(route, "UPDATE {t} SET xm = '李四'")
    found = reconcile(route)
    assert found.outcome == "differs"
    assert 100 < found.different <= 200
    assert 0 < found.segments_examined < found.segments_differing <= 4096
    assert sentence(found).startswith("两端不一致：至少 ")
    assert len(kinds(route, "renshe")) == found.different


def test_only_a_route_at_rest_is_compared(town: Town) -> None:
    route = town.route()
    with pytest.raises(ExchangeError) as caught:
        begin(route)
    assert caught.value.code == "RECONCILE_NOTHING"
    route.send()
    with pytest.raises(ExchangeError) as caught:
        begin(route)
    assert caught.value.code == "RECONCILE_UNDER_WAY"
    with town.node("renshe") as node, pytest.raises(ExchangeError) as caught:
        provider.begin(node, route.route_id)
    assert caught.value.code == "RECONCILE_AT_PROVIDER"


def test_a_batch_in_between_ends_it(town: Town) -> None:
    route = town.route()
    route.exchange()
    begin(route)
    go(route, "gongan")
    route.exchange()
    go(route, "renshe", "gongan")
    for name in ("renshe", "gongan"):
        ended = session_at(route, name)
        assert (ended.state, ended.code) == ("abandoned", "RECONCILE_NOT_AT_SEQ")
    assert reconcile(route).seq == 2


def test_a_node_asks_nothing_about_a_route_that_is_not_its_own(town: Town) -> None:
    """Several nodes of one machine are asked about one route; the relay refuses those that are no end of it."""
    with town.node("gongan") as node:
        assert turn(node, node.now(), "r-of-others") == 0


def test_a_later_one_overtakes_the_one_under_way(town: Town) -> None:
    route = town.route()
    route.exchange()
    begin(route)
    go(route, "gongan", "renshe")
    first = session_at(route, "gongan")
    assert reconcile(route).session_id != first.session_id
    with town.node("renshe") as node, node.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT state, code FROM reconciliation WHERE session_id = %s", (first.session_id,)
        ).all()
    assert rows == [("abandoned", "RECONCILE_OVERTAKEN")]


def test_other_batches_in_the_ledger_end_it(town: Town) -> None:
    route = town.route()
    route.exchange()
    with town.node("renshe") as node, node.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE batch SET digest = repeat('0', 64) WHERE route_id = %s", (route.route_id,))
    begin(route)
    go(route, "gongan", "renshe", "gongan")
    assert session_at(route, "gongan").code == session_at(route, "renshe").code == "RECONCILE_CHAIN_OTHER"


def test_a_route_is_due_once_a_night(town: Town) -> None:
    route = town.route()
    route.exchange()
    with town.node("gongan") as node:
        now = node.now()
        assert route.route_id not in due(node, now)  # its batch is younger than the last night
        with node.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE batch SET updated_at = updated_at - interval '2 days' WHERE route_id = %s", (route.route_id,)
            )
        assert due(node, now) == [route.route_id]
        nightly(node, now)
        assert due(node, now) == []
    go(route, "renshe", "gongan", "renshe", "gongan")
    for name in ("gongan", "renshe"):
        with town.node(name) as node:
            sync.sync(node)
            sync.sync(node)
    assert [said.outcome for said in town.directory.reconciliations if said.route_id == route.route_id] == ["equal"]

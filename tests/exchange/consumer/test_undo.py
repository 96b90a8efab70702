"""The last merge is taken back: bit by bit what was there before, once, and nothing later until a person says so."""

from typing import Any

import pytest

from exchange.consumer.undo import undo
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.reconcile import ends
from exchange.redrive import redrive
from exchange.steps import Outcome
from metadata.resource import Item
from tests.sim import processes
from tests.sim.people import ITEMS, people
from tests.sim.registry import Registry
from tests.sim.town import Route, Town, execute

KEYLESS = tuple(Item(name=item.name, field=item.field, type_code=item.type_code) for item in ITEMS)
NEW = ("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")


def _images(route: Route) -> list[Any]:
    """Every row in PostgreSQL's own binary form, equal ones too."""
    name = route.grant.target_table
    return route.town.run("renshe", f"SELECT record_send(t) FROM shared.{name} t ORDER BY 1") if _stands(route) else []


def _stands(route: Route) -> bool:
    return route.town.run("renshe", "SELECT to_regclass(%s)", (f"shared.{route.grant.target_table}",)) != [(None,)]


def _change(route: Route) -> None:
    """A row more, a row fewer, one with another value, and one whose number is written differently."""
    route.insert([NEW])
    for statement, key in (
        (f"DELETE FROM {route.source} WHERE id_no = %s", people(1)[0][0]),
        (f"UPDATE {route.source} SET amount = NULL WHERE id_no = %s", people(2)[1][0]),
        (f"UPDATE {route.source} SET name = name || '　' WHERE id_no = %s", people(3)[2][0]),
    ):
        route.town.run("gongan", statement, (key,))


def _undo(route: Route, seq: int | None = None, **more: bool) -> Batch:
    with route.town.node("renshe") as node:
        return undo(node, route.route_id, seq, "运维甲", **more)[0]


def _refusal(route: Route, seq: int | None = None) -> str:
    with pytest.raises(ExchangeError) as raised:
        _undo(route, seq)
    return raised.value.code


def _resume(route: Route, seq: int) -> None:
    with route.town.node("renshe") as node:
        redrive(node, route.route_id, seq, "王处长")


def _replaced(route: Route, seq: int) -> None:
    """What builds on the batch undone is refused, and its provider sends all rows by itself."""
    outcome: Outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "INCREMENT_BASE")
    route.drive("gongan", seq)
    route.require("gongan", seq + 1, "stored")
    route.arrive()
    route.require("renshe", seq + 1, "closed")
    route.require("gongan", seq + 1, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def _entries(route: Route, database: str, seq: int) -> list[Any]:
    """Who undid it, in the audit queue of the node's database or the department's."""
    url = {"node": route.town.databases, "target": route.town.departments}[database]["renshe"]
    table = {"node": "audit_out", "target": "hutong.audit_out"}[database]
    return execute(
        url,
        "SELECT entry->>'actor', entry->>'code' FROM (SELECT convert_from(body, 'UTF8')::jsonb AS entry"
        f" FROM {table}) e WHERE entry->>'action' = 'batch:undo' AND entry->>'subject' = %s",
        (f"{route.route_id}/{seq}",),
    )


@pytest.mark.parametrize(("items", "kind"), [(ITEMS, "increment"), (ITEMS, "full"), (KEYLESS, "full")])
def test_bit_by_bit_and_the_route_waits_for_a_person(town: Town, items: tuple[Item, ...], kind: str) -> None:
    route = town.route(items=items)
    route.exchange()
    before = _images(route)
    _change(route)
    if kind == "full":
        town.run("gongan", f"ALTER TABLE {route.source} ALTER COLUMN secret TYPE text USING secret || '。'")
    seq = route.exchange()
    assert route.batch("renshe", seq).kind == kind
    assert _images(route) != before
    undone = _undo(route)
    assert _images(route) == before
    assert (undone.state, undone.code) == ("held", "MERGE_UNDONE")
    assert "运维甲" in undone.explanation_zh
    assert undone.next_step
    assert route.status("renshe", seq).code == "MERGE_UNDONE"
    assert _entries(route, "node", seq) == _entries(route, "target", seq) == [("运维甲", "MERGE_UNDONE")]
    assert route.findings() == []
    assert _refusal(route) == "UNDO_ALREADY"
    later = route.send()
    route.arrive()
    assert route.drive("renshe", later).code == "WAITING_FOR_SEQ"
    assert _images(route) == before
    _resume(route, seq)
    assert route.batch("renshe", seq).state == "closed"
    assert route.findings() == []
    assert _refusal(route) == "UNDO_ALREADY"
    if items is ITEMS:
        _replaced(route, later)
        return
    assert route.drive("renshe", later).state == "closed"
    assert route.received_rows() == route.sent_rows()


def test_one_that_is_under_way_meanwhile_waits_and_does_not_build_on_it(town: Town) -> None:
    route = town.route()
    route.exchange()
    before = _images(route)
    _change(route)
    seq = route.exchange()
    route.insert([(NEW[0][:-1] + "1", *NEW[1:])])
    later = route.send()
    route.arrive()
    processes.die(town, "renshe", "apply.begun", "drive", route.route_id, str(later))
    assert route.batch("renshe", later).state == "checked"
    _undo(route, seq)
    outcome = route.drive("renshe", later)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "ROUTE_UNDONE", True)
    assert f"第 {seq} 批" in outcome.next_step
    assert _images(route) == before
    _resume(route, seq)
    _replaced(route, later)


@pytest.mark.parametrize("point", ["undo.merged", "undo.before_commit"])
def test_killed_and_started_again(town: Town, point: str) -> None:
    route = town.route()
    route.exchange()
    before = _images(route)
    _change(route)
    seq = route.exchange()
    after = _images(route)
    processes.die(town, "renshe", point, "undo", route.route_id, str(seq))
    assert _images(route) == (after if point == "undo.merged" else before)
    if point == "undo.before_commit":  # the target knows: nothing later is applied, whatever the ledger says
        assert [finding.rule for finding in route.findings()] == ["fsck.I16"]
        later = route.send()
        route.arrive()
        assert route.drive("renshe", later).code == "ROUTE_UNDONE"
    _undo(route, seq)
    assert _images(route) == before
    assert route.batch("renshe", seq).code == "MERGE_UNDONE"
    assert len(_entries(route, "target", seq)) == 1
    assert route.findings() == []


def test_a_first_load_is_emptied_only_when_that_is_said(town: Town) -> None:
    route = town.route()
    seq = route.exchange()
    identity = f"SELECT 'shared.{route.source}'::regclass::oid"
    table = town.run("renshe", identity)
    assert _refusal(route) == "UNDO_FIRST_LOAD"
    assert len(_images(route)) == 10
    assert _undo(route, may_empty=True).code == "MERGE_UNDONE"
    assert _images(route) == []
    assert town.run("renshe", identity) == table
    assert route.findings() == []
    _resume(route, seq)
    _change(route)
    later = route.send()
    route.arrive()
    _replaced(route, later)


def test_what_cannot_be_undone_is_refused(town: Town) -> None:
    route = town.route()
    assert _refusal(route) == "UNDO_NOTHING"
    first = route.exchange()
    _change(route)
    seq = route.exchange()
    assert _refusal(route, first) == "UNDO_NOT_NEWEST"
    town.run("renshe", f"UPDATE shared.{route.source} SET xm = '手改' WHERE gmsfhm = %s", (NEW[0],))
    assert _refusal(route) == "UNDO_ALTERED"
    assert route.batch("renshe", seq).state == "closed"
    town.run("renshe", f"CREATE RULE noted AS ON DELETE TO shared.{route.source} DO ALSO NOTIFY somebody")
    route.insert([(NEW[0][:-1] + "2", *NEW[1:])])
    route.exchange()  # of a table with rules nothing can be kept
    assert route.received_rows() == route.sent_rows() or "手改" in str(route.received_rows())
    assert _refusal(route) == "UNDO_NOTHING"
    assert route.findings() == []


def test_only_what_the_last_merge_found_is_kept_and_its_loss_is_found(town: Town) -> None:
    route = town.route()
    route.exchange()
    _change(route)
    route.exchange()
    tail = route.route_id.removeprefix("r-")
    kept = town.run("renshe", f"SELECT gmsfhm FROM hutong.before_{tail} ORDER BY 1")
    assert kept == [(row[0],) for row in people(3)]
    assert town.run("renshe", f"SELECT * FROM hutong.added_{tail}") == [(NEW[0],)]
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no = %s", (NEW[0],))
    route.exchange()
    assert town.run("renshe", f"SELECT gmsfhm FROM hutong.before_{tail}") == [(NEW[0],)]
    town.run("renshe", f"DROP TABLE hutong.before_{tail}")
    assert [finding.rule for finding in route.findings()] == ["fsck.I16"]


def test_a_reconciliation_does_not_compare_with_what_was_undone(town: Town) -> None:
    route = town.route()
    route.exchange()
    _change(route)
    seq = route.exchange()
    _undo(route)
    with town.node("renshe") as node:
        look = ends.at_target(node, node.trust().admit(route.grant.grant_id, node.now()), seq)
        with pytest.raises(ExchangeError) as raised, look:
            pass
    assert raised.value.code == "RECONCILE_NOT_AT_SEQ"


def test_tables_of_one_instant_are_undone_together(town: Town) -> None:
    registry = Registry.made(town)
    registry.exchange()
    company, licence = registry.companies, registry.licences
    town.run(
        "renshe",
        f"ALTER TABLE shared.{licence.target_table} ADD FOREIGN KEY (tyshxydm)"
        f" REFERENCES shared.{company.target_table}",
    )
    before = [_images(Route(town, grant)) for grant in registry.grants]
    registry.insert(2)
    town.run("gongan", f"DELETE FROM {licence.table} WHERE code = 'C1'")
    town.run("gongan", f"DELETE FROM {company.table} WHERE code = 'C1'")
    registry.exchange()
    _undo(Route(town, licence))
    assert [_images(Route(town, grant)) for grant in registry.grants] == before
    assert [registry.batch("renshe", grant).code for grant in registry.grants] == ["MERGE_UNDONE"] * 2
    assert [finding for grant in registry.grants for finding in Route(town, grant).findings()] == []

"""分布, 集中 and 混合 exchange: the same nodes and steps, arranged by grants alone; every node by its own agent."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from exchange import agent, fsck, ledger
from metadata.access import Grant
from tests.sim.checker import SmallChecker
from tests.sim.people import people
from tests.sim.town import Town, built

OFFICE = "xinxi"
NODES = ("gongan", "renshe", OFFICE, "minzheng")
_ROUNDS = 6

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Town]:
    """Three departments and the office, each with its node, all calling out only."""
    with built(tmp_path_factory.mktemp("city"), new_database, NODES) as made:
        yield made


def _source(city: Town, name: str, table: str, rows: Rows) -> None:
    city.run(
        name,
        f"CREATE TABLE {table} (id_no varchar(18), name text, region char(6), amount numeric(12,2),"
        " changed_at timestamptz)",
    )
    _insert(city, name, table, rows)


def _insert(city: Town, name: str, table: str, rows: Rows) -> None:
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    city.run(name, f"INSERT INTO {table} VALUES {values}", [value for row in rows for value in row])


def _at(city: Town, name: str, table: str) -> list[tuple[str, str, str, str, datetime]]:
    fields = "gmsfhm, xm, xzqh, je::text, gxsj" if "." in table else "id_no, name, region, amount::text, changed_at"
    return city.run(name, f"SELECT {fields} FROM {table} ORDER BY 1")


def _run(city: Town, *grants: Grant) -> None:
    """Turn by turn, as ``hutong node run`` does, until these routes' newest batches are closed at both ends."""
    providers = {grant.provider.node_id for grant in grants}
    taking_part = [name for name in NODES if name in providers | {grant.consumer.node_id for grant in grants}]
    for number in range(_ROUNDS):
        open_batches = []
        for name in taking_part:
            with city.node(name) as node:
                done = agent.turn(node, SmallChecker(), node.now(), force=number == 0 and name in providers)
            assert done.troubles == ()
            assert not [item for item in done.driven if item.outcome.state in ("held", "quarantined")]
            open_batches += [item for item in done.driven if item.outcome.state != "closed"]
        if number and not open_batches:
            break
    for grant in grants:
        for name in (grant.provider.node_id, grant.consumer.node_id):
            with city.node(name) as node, node.engine.connect() as connection:
                last = ledger.last(connection, grant.route_id)
            assert last is not None
            assert last.state == "closed", (grant.route_id, name, last)


def _require_clean(city: Town) -> None:
    for name in NODES:
        with city.node(name) as node:
            assert fsck.fsck(node) == []


def test_distributed(city: Town) -> None:
    """分布: each department sends to each that was granted; the office's node carries nothing."""
    _source(city, "gongan", "residents_d", people(20))
    grant = city.link("gongan", "renshe", "public", "residents_d", "residents_d")
    _run(city, grant)
    assert _at(city, "renshe", "shared.residents_d") == _at(city, "gongan", "residents_d")
    assert len(_at(city, "renshe", "shared.residents_d")) == 20
    assert city.run(OFFICE, "SELECT to_regclass('shared.residents_d')") == [(None,)]
    _require_clean(city)


def test_centralised(city: Town) -> None:
    """集中: departments send to the office, and the office serves what it received."""
    _source(city, "gongan", "residents_c", people(15))
    _source(city, "renshe", "insured_c", people(12))
    collected = (
        city.link("gongan", OFFICE, "public", "residents_c", "residents_c"),
        city.link("renshe", OFFICE, "public", "insured_c", "insured_c"),
    )
    _run(city, *collected)
    served = (
        city.link(OFFICE, "minzheng", "shared", "residents_c", "residents_c"),
        city.link(OFFICE, "minzheng", "shared", "insured_c", "insured_c"),
    )
    _run(city, *served)
    assert _at(city, "minzheng", "shared.residents_c") == _at(city, "gongan", "residents_c")
    assert _at(city, "minzheng", "shared.insured_c") == _at(city, "renshe", "insured_c")
    assert city.run("renshe", "SELECT to_regclass('shared.residents_c')") == [(None,)]
    _require_clean(city)


def test_hybrid(city: Town) -> None:
    """混合: one source sent straight to a neighbour and through the office to another; a change reaches both."""
    _source(city, "gongan", "residents_h", people(10))
    straight = city.link("gongan", "renshe", "public", "residents_h", "residents_h")
    collected = city.link("gongan", OFFICE, "public", "residents_h", "residents_h")
    _run(city, straight, collected)
    served = city.link(OFFICE, "minzheng", "shared", "residents_h", "residents_h")
    _run(city, served)
    _insert(city, "gongan", "residents_h", [("99000000000000099X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
    city.run("gongan", "DELETE FROM residents_h WHERE id_no = %s", (people(1)[0][0],))
    _run(city, straight, collected)
    _run(city, served)
    expected = _at(city, "gongan", "residents_h")
    assert len(expected) == 10
    for name in ("renshe", OFFICE, "minzheng"):
        assert _at(city, name, "shared.residents_h") == expected, name
    _require_clean(city)

"""Whatever kind of batch is applied, it is applied by rows: who reads, refers or watches at the target goes on."""

import contextlib
from typing import Any

import psycopg2
import pytest

from exchange.department import libpq_url
from metadata.resource import Item
from tests.sim.people import ITEMS, people
from tests.sim.town import Route, Town

KEYLESS = tuple(Item(name=item.name, field=item.field, type_code=item.type_code) for item in ITEMS)


def _identity(route: Route) -> list[Any]:
    """What would be another if the table had been replaced, rewritten or truncated."""
    return route.town.run(
        "renshe",
        f"SELECT oid, relfilenode, relrowsecurity FROM pg_class WHERE oid = 'shared.{route.source}'::regclass",
    )


def _images(route: Route) -> dict[str, tuple[str, str]]:
    rows = route.town.run("renshe", f"SELECT gmsfhm, ctid::text, xmin::text FROM shared.{route.source}")
    return {key: (place, written) for key, place, written in rows}


@pytest.mark.parametrize(("items", "kind"), [(KEYLESS, "full"), (ITEMS, "full"), (ITEMS, "increment")])
def test_a_reader_in_a_snapshot_and_what_hangs_on_the_table(town: Town, items: tuple[Item, ...], kind: str) -> None:
    route = town.route(items=items)
    name = route.source
    route.exchange()
    for statement in (
        f"CREATE VIEW v_{name} AS SELECT * FROM shared.{name}",
        f"GRANT SELECT ON shared.{name} TO PUBLIC",
        f"ALTER TABLE shared.{name} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY only_some ON shared.{name} USING (xzqh = '990001')",
    ):
        town.run("renshe", statement)
    if items is ITEMS:
        town.run("renshe", f"CREATE TABLE own_{name} (id varchar(18) REFERENCES shared.{name})")
        town.run("renshe", f"INSERT INTO own_{name} VALUES ('{people(3)[2][0]}')")
    identity, images = _identity(route), _images(route)
    content = f"SELECT array_agg(v ORDER BY gmsfhm) FROM v_{name} v"
    reader = psycopg2.connect(libpq_url(town.departments["renshe"]))
    with contextlib.closing(reader), reader.cursor() as cursor:
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT count(*) FROM pg_class")  # its snapshot; it has not touched the table
        town.run("gongan", f"UPDATE {name} SET amount = amount + 1 WHERE id_no = %s", (people(2)[1][0],))
        town.run("gongan", f"DELETE FROM {name} WHERE id_no = %s", (people(1)[0][0],))
        route.insert(people(12)[10:])
        if kind == "full":  # the table is written anew, and of no row it can be said since when it stands
            town.run("gongan", f"ALTER TABLE {name} ALTER COLUMN secret TYPE text USING secret || '。'")
        seq = route.exchange()
        cursor.execute(content)
        (seen,) = cursor.fetchone()
        assert all(people(10)[place][0] in seen for place in range(10))
        assert people(12)[10][0] not in seen
        reader.rollback()
        cursor.execute(content)
        assert cursor.fetchone() != (seen,)
    assert route.batch("gongan", seq).kind == kind
    assert route.received_rows() == route.sent_rows()
    assert _identity(route) == identity
    if items is ITEMS:  # only what changed was written
        now = _images(route)
        written = {key for key in now if now[key] != images.get(key)}
        assert written == {people(12)[place][0] for place in (1, 10, 11)}
    assert route.findings() == []

"""The main story: what the source holds arrives once, exactly, and nothing else does."""

from datetime import date

from metadata.access import EqualsFilter, RegionFilter, SinceFilter
from tests.sim.people import people
from tests.sim.town import Town


def test_rows_arrive_as_they_left(town: Town) -> None:
    route = town.route()
    route.exchange()
    assert route.received_rows() == route.sent_rows()
    assert len(route.received_rows()) == 10


def test_only_granted_columns_and_rows_arrive(town: Town) -> None:
    route = town.route(row_filter=RegionFilter(field="xzqh", prefixes=("990001", "9902")))
    route.exchange()
    assert {row[2] for row in route.received_rows()} == {"990001"}
    columns = town.run(
        "renshe",
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'shared' AND table_name = %s"
        " ORDER BY ordinal_position",
        (route.grant.target_table,),
    )
    assert [name for (name,) in columns] == ["gmsfhm", "xm", "xzqh", "je", "gxsj"]


def test_only_rows_since_the_day_arrive(town: Town) -> None:
    days = ("2026-02-28 23:59:59.999999+08", "2026-03-01 00:00:00+08", "2026-02-28 17:00:00+00", None)
    rows = [(*row[:4], day) for row, day in zip(people(4), days, strict=True)]
    route = town.route(rows, row_filter=SinceFilter(field="gxsj", since=date(2026, 3, 1)))
    route.exchange()
    assert {row[0] for row in route.received_rows()} == {rows[1][0], rows[2][0]}


def test_a_batch_with_more_rows_than_the_grant_allows_is_not_sent(town: Town) -> None:
    """All rows, and rows of a change, which are counted only when they are there; nothing leaves either way."""
    route = town.route().renew(most_rows=9)
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "ROW_CAP")
    assert route.objects(seq) == []
    wider = town.route().renew(most_rows=10)
    wider.exchange()
    assert len(wider.received_rows()) == 10
    wider.insert(people(21)[10:])
    seq = wider.plan()
    assert wider.drive("gongan", seq).code == "ROW_CAP"
    assert wider.objects(seq) == []
    assert len(wider.received_rows()) == 10


def test_values_of_a_filter_are_never_sql(town: Town) -> None:
    hostile = "张三1号' OR 'a'='a"
    route = town.route(row_filter=EqualsFilter(field="xm", values=(hostile, "张三2号")))
    route.exchange()
    assert [row[1] for row in route.received_rows()] == ["张三2号"]


def test_a_second_run_changes_nothing(town: Town) -> None:
    route = town.route()
    route.exchange()
    images = town.run("renshe", f"SELECT ctid::text, xmin::text FROM shared.{route.source} ORDER BY gmsfhm")
    assert route.exchange() == 2
    assert town.run("renshe", f"SELECT ctid::text, xmin::text FROM shared.{route.source} ORDER BY gmsfhm") == images


def test_changes_arrive_and_nothing_else_is_touched(town: Town) -> None:
    route = town.route()
    route.exchange()
    before = dict(town.run("renshe", f"SELECT gmsfhm, xmin::text FROM shared.{route.source}"))
    ids = [row[0] for row in people(12)]
    town.run("gongan", f"DELETE FROM {route.source} WHERE id_no = %s", (ids[0],))
    town.run("gongan", f"UPDATE {route.source} SET amount = 1.00 WHERE id_no = %s", (ids[1],))
    route.insert(people(12)[10:])
    route.exchange()
    assert route.received_rows() == route.sent_rows()
    after = dict(town.run("renshe", f"SELECT gmsfhm, xmin::text FROM shared.{route.source}"))
    assert {key for key in after if before.get(key) == after[key]} == set(ids[2:10])

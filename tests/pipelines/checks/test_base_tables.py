"""The base libraries' rules on whole tables: each planted fault is found by both counts, and the clean ones are not."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg2 import sql

from exchange.ports import Checked, CheckSubject
from metadata.base_rules import BASE_RULES, SUM_OF_COLUMNS
from metadata.quality import Rule, rules_of
from metadata.resource import Item
from pipelines.checks import counting, validation
from pipelines.checks.limits import Limits
from pipelines.checks.run import GreatExpectationsChecker
from pipelines.checks.snapshot import Snapshot
from tests.sim.checker import settled

NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "bad_input" / "blns.json"
BOX = (410_400_000, 140_400_000, 423_000_000, 147_600_000)
WOMAN, MAN = "11010519491231002X", "110105198001010016"


@dataclass(frozen=True)
class Table:
    """A relation of texts, with the standard item of each column."""

    items: tuple[Item, ...]
    relation: sql.Composable

    @property
    def rules(self) -> tuple[Rule, ...]:
        return rules_of(self.items, box_mas=BOX)


def _table(library: str, fields: str, rows: Sequence[Sequence[object]]) -> Table:
    names = fields.split()
    items = tuple(Item(name=name, field=name, type_code="M", base_item=f"{library}/{name}") for name in names)
    lines = sql.SQL(", ").join(
        sql.SQL("({})").format(
            sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Literal(None if value is None else str(value))) for value in row
            )
        )
        for row in rows
    )
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    return Table(items, sql.SQL("SELECT * FROM (VALUES {}) AS v({})").format(lines, columns))


@pytest.fixture(scope="module")
def dsn(new_database: Callable[[], str]) -> str:
    return new_database().replace("+psycopg2", "")


def _check(dsn: str, table: Table) -> Checked:
    return settled(
        GreatExpectationsChecker(),
        CheckSubject(
            dsn=dsn,
            snapshot_id=None,
            relation=table.relation,
            rules=table.rules,
            key=(),
            place="source",
            subject="r-1/1",
        ),
    )


def _found(dsn: str, table: Table) -> dict[str, tuple[int, int]]:
    """Rule id to judged and broken, of the rules that found something; nothing is held and nothing set aside."""
    checked = _check(dsn, table)
    assert (checked.holds, checked.set_aside) == ((), None)
    return {result.rule_id: (result.evaluated, result.failed) for result in checked.report.results if result.failed}


PEOPLE = "id_number birth_date sex_code death_date person_status native_region"


def test_people(dsn: str) -> None:
    clean = [(WOMAN, "19491231", "2", None, "正常", "110105"), (MAN, "1980-01-01", "1", None, "正常", "")]
    clean += [(WOMAN, "19491231", "2", "20200101", "死亡", None)]
    assert _found(dsn, _table("population", PEOPLE, clean)) == {}
    wrong = [(MAN, "19800102", "2", "19790101", "正常", "999999")]
    assert _found(dsn, _table("population", PEOPLE, [*clean, *wrong])) == {
        "birth_date:id_number:birth_date": (4, 1),
        "sex:id_number:sex_code": (4, 1),
        "region:native_region": (2, 1),
        "not_before:death_date:birth_date": (2, 1),
        "one_active:id_number:person_status": (3, 2),
    }


PLACES = "lon lat geometry"


def test_places(dsn: str) -> None:
    clean = [("116.4", "39.9", "POINT(116.4 39.9)"), ("116.4", "39.9", '{"type":"Point","coordinates":[116.4,39.9]}')]
    assert _found(dsn, _table("geospatial", PLACES, clean)) == {}
    clean.append(("116.4", "39.9", "01010000009a99999999195d403333333333f34340"))
    wrong = [("39.9", "116.4", "POINT(39.9 116.4)"), ("121", "31", "POLYGON((116 39, 117 39, 117 40))")]
    wrong.append(("116.4", "39.9", "POLYGON((116 39, 117 40, 117 39, 116 40, 116 39))"))
    assert _found(dsn, _table("geospatial", PLACES, [*clean, *wrong])) == {
        "range:lon": (6, 1),
        "range:lat": (6, 1),
        "geometry:geometry": (6, 2),
        "inside:geometry": (4, 1),
        "inside:lon:lat": (6, 2),
    }


FIGURES = "indicator_code region_code time_period freq unit comparison breakdown value"


def _figures(*changes: tuple[int, str, str]) -> Table:
    """Two regions' yearly and monthly figures, all of them right but for the changed cells."""
    rows: list[list[str | None]] = []
    for region, factor in (("110105", 1), ("110106", 2)):
        for period, freq, whole in (("2023", "A", 100), ("2024", "A", 110), ("2023-12", "M", 20), ("2024-01", "M", 25)):
            total = whole * factor
            rows.append(["GDP", region, period, freq, "万元", "绝对值", None, f"{total}.0"])
            parts = (("1", total * 0.25), ("2", total * 0.35), ("3", total * 0.4))
            rows += [["GDP", region, period, freq, "万元", "绝对值", code, f"{part:.1f}"] for code, part in parts]
        rows.append(["GDP", region, "2024", "A", "%", "同比", None, "10.0"])
        rows.append(["GDP", region, "2024-01", "M", "%", "环比", None, "25.0"])
        rows.append(["GDP", region, "2023-12", "M", "%", "环比", None, "3.0"])  # from what nobody knows
    for row, field, value in changes:
        rows[row][FIGURES.split().index(field)] = value
    return _table("statistics", FIGURES, rows)


def test_figures(dsn: str) -> None:
    assert _found(dsn, _figures()) == {}
    wrong = _figures((0, "value", "101.0"), (2, "unit", "元"), (17, "freq", "A"), (18, "region_code", "330113"))
    assert _found(dsn, wrong) == {
        "sum_of_rows:indicator_code:region_code": (8, 1),
        "growth:indicator_code:region_code": (3, 1),
        "one_unit:indicator_code:unit": (38, 32),
        "period:time_period:freq": (38, 1),
    }


@pytest.mark.parametrize(
    ("changes", "rule_id", "expected"),
    [
        ((), "sum_of_rows:indicator_code:region_code", (8, 0)),
        ((), "growth:indicator_code:region_code", (4, 0)),
        (((0, "value", "100.1"),), "sum_of_rows:indicator_code:region_code", (8, 0)),  # four figures, each rounded
        (((0, "value", "101.0"),), "sum_of_rows:indicator_code:region_code", (8, 1)),
        (((1, "value", "缺"),), "sum_of_rows:indicator_code:region_code", (7, 0)),
        (((1, "breakdown", "11"),), "sum_of_rows:indicator_code:region_code", (7, 0)),  # codes of two levels
        (((1, "breakdown", "2"),), "sum_of_rows:indicator_code:region_code", (7, 0)),  # a part twice
        (((0, "value", "100.1"),), "growth:indicator_code:region_code", (4, 0)),
        (((0, "value", "101.0"),), "growth:indicator_code:region_code", (4, 1)),
        (((16, "value", "11.0"),), "growth:indicator_code:region_code", (4, 1)),
        (((17, "value", "-25.0"),), "growth:indicator_code:region_code", (4, 1)),
        (((0, "value", "0"),), "growth:indicator_code:region_code", (3, 0)),  # no change from nothing
        (((16, "unit", "万元"),), "one_unit:indicator_code:unit", (38, 2)),
        (((0, "freq", "M"),), "period:time_period:freq", (38, 1)),
        (
            ((18, "region_code", "330113"), (18, "time_period", "2020-01")),
            "region_period:region_code:time_period",
            (38, 1),
        ),
    ],
)
def test_what_is_judged_of_figures(
    dsn: str, changes: tuple[tuple[int, str, str], ...], rule_id: str, expected: tuple[int, int]
) -> None:
    table = _figures(*changes)
    snapshot = Snapshot(dsn, None, table.relation, Limits())
    rules = [rule for rule in table.rules if rule.rule_id == rule_id]
    counted = counting.count(rules, snapshot.types(), snapshot)
    assert (counted.applied[rule_id], counted.failed[rule_id]) == expected


def test_a_total_whose_parts_come_late_is_no_disagreement(dsn: str) -> None:
    """Great Expectations' own statements see the first rows only of what is whole; of totals all."""
    few = _table("statistics", "indicator_code region_code time_period breakdown value", [("",) * 5])
    relation = sql.SQL(
        "SELECT 'GDP' AS indicator_code, '110105' AS region_code, '2024' AS time_period, CASE WHEN n > 0 THEN"
        " to_char(n, 'FM00000') END AS breakdown, CASE WHEN n > 0 THEN '100' ELSE '1000000' END AS value"
        " FROM generate_series(0, 10000) AS n"
    )
    table = Table(few.items, relation)
    assert _found(dsn, table) == {}


def test_a_figure_that_comes_twice_is_no_disagreement(dsn: str) -> None:
    """Among the first rows it stands once, and would be judged there alone."""
    few = _table("statistics", "indicator_code region_code time_period value comparison", [("",) * 5])
    relation = sql.SQL(
        "SELECT 'GDP' AS indicator_code, '110105' AS region_code, CASE WHEN n > 0 THEN '2024' ELSE '2023' END"
        " AS time_period, '100' AS value, CASE n WHEN 2 THEN '同比' END AS comparison"
        " FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) AS v"
        " UNION ALL SELECT 'other', '110105', '2024', '1', NULL FROM generate_series(1, 10000)"
        " UNION ALL SELECT 'GDP', '110105', '2024', '100', NULL"
    )
    assert _found(dsn, Table(few.items, relation)) == {}


def _every_rule() -> list[tuple[Rule, tuple[str, ...]]]:
    """Each rule alone, with the standard items of its columns."""
    found = []
    for rule in (*BASE_RULES, SUM_OF_COLUMNS):
        named = rule.items + rule.further if rule is not SUM_OF_COLUMNS else rule.items * 3
        items = tuple(
            Item(name="合计" if place == 0 else "项", field=f"c{place}", type_code="M", base_item=item)
            for place, item in enumerate(named)
        )
        (made,) = (
            made
            for made in rules_of(items, box_mas=BOX)
            if made.parameters.number == rule.number and made.columns == tuple(item.field for item in items)
        )
        found.append((made, named))
    return found


@pytest.mark.skipif(not NAUGHTY.exists(), reason=f"{NAUGHTY} is not here")
@pytest.mark.parametrize("start", range(3))
def test_both_counts_judge_naughty_strings_alike(dsn: str, start: int) -> None:
    """Beside each other, and beside values that make them be looked at; nothing raises."""
    naughty = [text for text in json.loads(NAUGHTY.read_text()) if "\0" not in text][start::12]
    apt = [WOMAN, "20240101", "1", "111", "110105", "2024", "A", "10", "POINT(1 2)", "正常", "注销", "同比", "", None]
    texts = [*naughty, *apt]
    rules, columns = [], []
    for number, (rule, _) in enumerate(_every_rule()):
        fields = {field: f"r{number}{field}" for field in rule.columns}
        rules.append(rule.model_copy(update={"rule_id": f"{rule.kind}:{number}", "columns": tuple(fields.values())}))
        columns += [
            sql.SQL("x[1 + (n * {} + {}) % {}] AS {}").format(
                sql.Literal(2 * place + 1), sql.Literal(place), sql.Literal(len(texts)), sql.Identifier(field)
            )
            for place, field in enumerate(fields.values())
        ]
    relation = sql.SQL("SELECT {} FROM (SELECT {}::text[] AS x) AS v, generate_series(1, {}) AS n").format(
        sql.SQL(", ").join(columns), sql.Literal(texts), sql.Literal(3 * len(texts))
    )
    snapshot = Snapshot(dsn, None, relation, Limits())
    types = snapshot.types()
    counted = counting.count(rules, types, snapshot)
    assert validation.judge("x", rules, types, snapshot, counted) == counted.failed
    assert validation.count_failures("x", rules, types, snapshot) == counted.failed
    assert sum(map(bool, counted.failed.values())) >= 5


def test_native_values_are_read_as_their_text(dsn: str) -> None:
    """Dates, numbers and JSON of their own types break what their texts would."""
    names = (
        "population/birth_date",
        "population/death_date",
        "geospatial/lon",
        "geospatial/lat",
        "geospatial/geometry",
    )
    items = tuple(Item(name=name, field=f"c{n}", type_code="M", base_item=name) for n, name in enumerate(names))
    relation = sql.SQL(
        "SELECT DATE '2020-01-02' AS c0, TIMESTAMP '2020-01-01 10:00' AS c1, 200::float8 AS c2, 'NaN'::numeric AS c3,"
        ' \'{"type": "Point", "coordinates": [1]}\'::jsonb AS c4'
    )
    table = Table(items, relation)
    assert _found(dsn, table) == {"not_before:c1:c0": (1, 1), "range:c2": (1, 1), "geometry:c4": (1, 1)}

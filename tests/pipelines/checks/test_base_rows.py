"""Rules of the base libraries that a row breaks by itself: which rows are judged, and which of those break them."""

import math
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2 import sql

from metadata.base_rules import OF_SEVERAL_ROWS, RowKind
from metadata.quality import Rule, rules_of
from metadata.resource import Item
from pipelines.checks import base_rows, observations
from pipelines.checks.base_rows import breaks, judged
from pipelines.checks.predicates import Cell
from standards.check_digits import id_check_character, org_check_character, uscc_check_character

Judge = Callable[..., str]
WOMAN = "11010519491231002X"
BOX = (410_400_000, 140_400_000, 423_000_000, 147_600_000)  # 114–117.5 E, 39–41 N


@pytest.fixture(scope="module")
def judge(new_database: Callable[[], str]) -> Iterator[Judge]:
    """What PostgreSQL says of one row: ``kept``, ``broken``, or ``-`` where there is nothing to judge."""
    connection = psycopg2.connect(new_database().replace("+psycopg2", ""))
    connection.autocommit = True

    def say(rule: Rule, *values: object) -> str:
        cells = {field: Cell(sql.Identifier("r", field), "text") for field in rule.columns}
        row = sql.SQL(", ").join(
            sql.SQL("{}::text AS {}").format(sql.Literal(value), sql.Identifier(field))
            for value, field in zip(values, rule.columns, strict=True)
        )
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT {}, {} FROM (SELECT {}) AS r").format(judged(rule, cells), breaks(rule, cells), row)
            )
            ((is_judged, is_broken),) = cursor.fetchall()
        assert is_judged or not is_broken
        return ("broken" if is_broken else "kept") if is_judged else "-"

    yield say
    connection.close()


def _rule(*standard_items: str, number: str, box: tuple[int, int, int, int] | None = None) -> Rule:
    """The one rule of this number of an entry with these standard items."""
    items = tuple(
        Item(name=item, field=f"c{place}", base_item=item) for place, item in enumerate(standard_items, start=1)
    )
    (found,) = (rule for rule in rules_of(items, box_mas=box) if rule.parameters.number == number)
    assert found.action == "report"
    return found


def _said(judge: Judge, rule: Rule, cases: Mapping[Any, str]) -> None:
    assert {values: judge(rule, *values) for values in cases} == dict(cases)


def test_birth_date_and_sex_are_those_of_the_number(judge: Judge) -> None:
    born = _rule("population/id_number", "population/birth_date", number="P2")
    _said(
        judge,
        born,
        {
            (WOMAN, "19491231"): "kept",
            (WOMAN, "1949-12-31"): "kept",
            (WOMAN, "1949-12-31 00:00:00"): "kept",
            (WOMAN, "1949-12-30"): "broken",
            (WOMAN, "1949-12-31 00:00:00+00"): "-",  # which day that was, depends on where
            (WOMAN, "31.12.1949"): "-",
            (WOMAN, None): "-",
            ("1101051949", "19491231"): "-",
        },
    )
    sex = _rule("population/id_number", "population/sex_code", number="P3")
    _said(judge, sex, {(WOMAN, "2"): "kept", (WOMAN, "1"): "broken", (WOMAN, "9"): "-", (WOMAN, None): "-"})


def test_what_ends_does_not_end_before_it_began(judge: Judge) -> None:
    death = _rule("population/death_date", "population/birth_date", number="P5")
    cases = {("20200101", "20200101"): "kept", ("20191231", "2020-01-01"): "broken", (None, "20200101"): "-"}
    _said(judge, death, cases)
    for later, earlier in (("cancelled_on", "established_on"), ("approved_on", "established_on")):
        _said(judge, _rule(f"legal_person/{later}", f"legal_person/{earlier}", number="L4"), cases)
    term = _rule("legal_person/valid_to", "legal_person/valid_from", number="L4")
    _said(judge, term, {**cases, ("长期", "20200101"): "-", ("", "20200101"): "-"})


def test_a_cancelled_body_has_its_day(judge: Judge) -> None:
    rule = _rule("legal_person/reg_status", "legal_person/cancelled_on", number="L4")
    _said(
        judge,
        rule,
        {
            ("注销", "20200101"): "kept",
            ("注销", None): "broken",
            ("吊销，未注销", ""): "broken",
            ("存续（在营）", None): "kept",
            ("存续", "20200101"): "broken",
            ("1", None): "-",  # a city's own code
            (None, None): "-",
        },
    )


def test_parts_of_a_credit_code(judge: Judge) -> None:
    good = "91110000" + _org("10000000")
    head, body = (_rule("legal_person/uscc", number=number) for number in ("L2", "L3"))
    _said(judge, head, {(_uscc(good),): "kept", (_uscc("75" + good[2:]),): "broken", ("91",): "-", (None,): "-"})
    wrong = good[:-1] + ("X" if good[-1] != "X" else "1")
    _said(judge, body, {(_uscc(good),): "kept", (_uscc(wrong),): "broken", ("91",): "-"})


def _org(first_eight: str) -> str:
    return first_eight + org_check_character(first_eight)


def _uscc(first_17: str) -> str:
    return first_17 + uscc_check_character(first_17)


def test_a_representatives_number_by_its_type(judge: Judge) -> None:
    rule = _rule("legal_person/legal_rep_id", "legal_person/legal_rep_id_type", number="L5")
    body = "11010519800101001"
    wrong = body + ("0" if id_check_character(body) != "0" else "1")
    _said(
        judge,
        rule,
        {(WOMAN, "111"): "kept", (wrong, "111"): "broken", ("E1234567", "414"): "-", (None, "111"): "-"},
    )


def test_regions_are_known(judge: Judge) -> None:
    rules = [_rule("legal_person/region_code", number="L6"), _rule("population/native_region", number="P4")]
    for rule in rules:
        _said(
            judge,
            rule,
            {
                ("110105",): "kept",
                ("110104",): "kept",  # abolished in 2010: known all the same
                ("110105001",): "kept",
                ("000000",): "kept",
                ("999999",): "broken",
                ("朝阳区",): "broken",
                ("",): "-",
            },
        )


def test_degrees_in_china_and_in_the_entrys_box(judge: Judge) -> None:
    lon = _rule("geospatial/lon", number="G2")
    _said(judge, lon, {("116.4",): "kept", ("39.9",): "broken", ("东经116",): "-", ("1e2",): "-", (None,): "-"})
    lat = _rule("geospatial/lat", number="G2")
    _said(judge, lat, {("39.9",): "kept", ("116.4",): "broken"})
    inside = _rule("geospatial/lon", "geospatial/lat", number="G4", box=BOX)
    _said(
        judge,
        inside,
        {
            ("114", "39"): "kept",
            ("117.5", "41.0"): "kept",
            ("117.50001", "40"): "broken",
            ("39.9", "116.4"): "broken",
            ("116.4", None): "-",
        },
    )
    across = _rule("geospatial/lon", "geospatial/lat", number="G4", box=(600_000_000, 0, -600_000_000, 3_600_000))
    _said(judge, across, {("179", "0.5"): "kept", ("-179", "0.5"): "kept", ("0", "0.5"): "broken"})


RING = "114 39, 115 39, 115 40, 114 40"
SOUND = (
    "POINT(116.4 39.9)",
    "point z (116.4 39.9 50)",
    "SRID=4490; POINT (116.4 39.9)",
    "POINT EMPTY",
    "MULTIPOINT(116 39.5, 117 40)",
    "MULTIPOINT((116 39.5), (117 40))",
    "LINESTRING (116 39.5,\n 117 40)",
    "MULTILINESTRING((116 39.5, 117 40), (115 39.5, 115 40))",
    f"POLYGON (({RING}, 114.0 39.00))",
    f"POLYGON (({RING}, 114 39), (114.2 39.2, 114.4 39.2, 114.4 39.4, 114.2 39.2))",
    f"MULTIPOLYGON ((({RING}, 114 39)), (({RING}, 114 39)))",
    '{"type": "Point", "coordinates": [116.4, 39.9, 50]}',
    '{"coordinates": [[116, 39.5], [117, 40]], "type": "LineString"}',
    '{"type":"MultiPoint","coordinates":[[116,39.5],[117,40]]}',
    '{"type": "Polygon", "coordinates": [[[114, 39], [115, 39], [115, 40], [114, 39]]]}',
    '{"type": "MultiPolygon", "coordinates": [[[[114, 39], [115, 39], [115, 40], [1.14e2, 39]]]]}',
)
BROKEN = (
    "116.4,39.9",
    "POINT(116.4)",
    "POINT(116.4,39.9)",
    "POINT(116.4 39.9, 117 40)",
    "POINT(NaN 39.9)",
    "POINT(#)",
    "POINT(116.4 39.9",
    "LINESTRING(116 39.5)",
    f"POLYGON (({RING}))",  # open
    "POLYGON ((114 39, 115 39, 114 39))",  # three positions
    f"POLYGON ({RING}, 114 39)",
    f"MULTIPOLYGON (({RING}, 114 39))",
    f"POLYGON (({RING}, 114 {'9' * 50}))",
    '{"type": "Point", "coordinates": [116.4]}',
    '{"type": "Point", "coordinates": [116.4, null]}',
    '{"type": "Polygon", "coordinates": [[[114, 39], [115, 39], [115, 40], [114, 40]]]}',
    '{"type": "Polygon", "coordinates": [[114, 39], [115, 39]]}',
    '{"type": "Punkt", "coordinates": [116.4, 39.9]}',
    '{"type": "Point"}',
    "{",
    "几何",
)
UNCROSSED = (
    "POLYGON ((114 39, 116 39, 116 41, 114 41, 114 39), (114 39, 115 40, 114.5 40, 114 39))",  # touches at a corner
    "POLYGON ((114 39, 116 39, 116 41, 115 41, 115 40, 115 41, 114 41, 114 39))",  # there and back on one line
    "POLYGON ((114.1 39.1, 114.7 39.7, 114.3 39.3, 114.1 39.9, 114.1 39.1))",
)
CROSSING = (
    "POLYGON ((114 39, 115 40, 115 39, 114 40, 114 39))",
    "POLYGON ((114 39, 116 39, 116 41, 114 41, 114 39), (115 40, 117 40, 117 40.5, 115 40.5, 115 40))",
    "MULTIPOLYGON (((114 39, 116 39, 116 41, 114 41, 114 39)), ((115 40, 117 40, 117 42, 115 42, 115 40)))",
    '{"type":"Polygon","coordinates":[[[114,39],[115,40],[115,39],[114,40],[114,39]]]}',
    "POLYGON ((4e-99 3e-99, 1e99 1e99, 1e99 0, 0 1e99, 4e-99 3e-99))",
)
UNJUDGED = (
    None,
    "",
    "010700000000000000",  # a collection
    "01EF03000000000000",  # with heights
    "000000000700000000",
    f"\\x0108000020{'00' * 30}",  # a curve
    "01" * 501,  # longer than is read
    "GEOMETRYCOLLECTION(POINT(1 2))",
    "CIRCULARSTRING(0 0, 1 1, 2 0)",
    '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}',
    '{"type": "Point", "coordinates": [1, 2], "bbox": [1, 2, 1, 2]}',
    f"LINESTRING({', '.join(['116 39.5'] * 6_000)})",
)


def test_a_geometry_is_well_formed(judge: Judge) -> None:
    rule = _rule("geospatial/geometry", number="G3")
    said = {"kept": SOUND, "broken": BROKEN, "-": UNJUDGED}
    _said(judge, rule, {(text,): verdict for verdict, texts in said.items() for text in texts})


def test_rings_do_not_cross_as_far_as_is_looked(judge: Judge) -> None:
    rule = _rule("geospatial/geometry", number="G3")
    _said(judge, rule, {(text,): "kept" for text in UNCROSSED} | {(text,): "broken" for text in CROSSING})
    tail = ", ".join(f"{114 - each / 100} 40" for each in range(20))
    long = f"POLYGON ((114 39, 115 40, 115 39, 114 40, {tail}, 114 39))"
    _said(judge, rule, {(long,): "kept", (long.replace(f"{tail}, ", ""),): "broken"})


def test_bytes_are_judged_as_their_text_is(judge: Judge) -> None:
    """WKB of either order, EWKB with its SRID and heights, as PostGIS and as ``bytea`` write them."""
    rule = _rule("geospatial/geometry", number="G3")
    inside = _rule("geospatial/geometry", number="G4", box=BOX)
    ring, bow = (
        [(114, 39.5), (115, 39.5), (115, 40.5), (114, 39.5)],
        [(114, 39), (115, 40), (115, 39), (114, 40), (114, 39)],
    )
    sound = [
        _wkb(1, [[(116.4, 39.9)]]),
        _wkb(1, [[(116.4, 39.9)]], order=">", srid=4490),
        _wkb(2, [ring], srid=4490),
        _wkb(3, [ring, ring[::-1]]),
        _wkb(1 | 0x80000000, [[(116.4, 39.9, 8850)]], srid=4490),
        _wkb(3003, [[(*each, 1, math.nan) for each in ring]]),
        _several(4, [_wkb(1, [[(116.4, 39.9)]]), _wkb(1, [[(116.4, 39.9)]], order=">")]),
        _several(5, [_wkb(2, [ring])]),
        _several(6, [_wkb(3, [ring]), _wkb(3, [ring, ring])]),
        _wkb(3, []),
        _wkb(1, [[(math.nan, math.nan)]]),  # how PostGIS writes an empty point
    ]
    for each in sound:
        written = (each.hex(), f" \\x{each.hex().upper()}")
        _said(judge, rule, dict.fromkeys(((text,) for text in written), "kept"))
        _said(judge, inside, {(written[0],): "kept"})
    _said(judge, inside, {(_wkb(1, [[(39.9, 116.4)]]).hex(),): "broken"})
    broken = [
        _wkb(3, [bow]),
        _wkb(3, [ring[:3]]),  # open, and too short
        _wkb(2, [ring[:1]]),
        _wkb(1, [[(math.inf, 39.9)]]),
        _wkb(1, [[(-math.nan, 39.9)]]),
        _wkb(1, [[(1.7e308, 5e-324)]]),
        _several(6, [_wkb(2, [ring])]),  # a line among polygons
        _several(4, [_wkb(1 | 0x80000000, [[(1, 2, 3)]])]),
        *(count + b"\xff" * 4 for count in (sound[2][:9], sound[3][:5], sound[3][:9], b"\1\4\0\0\0", b"\1\6\0\0\0")),
        b"\1\4\0\0\0\xff\xff\xff\x7f" + sound[0],
        sound[0] + b"\0",
        b"\2" + sound[0][1:],
        b"\1\x63\0\0\0" + sound[0],
        *(each[:-1] for each in sound),
    ]
    _said(judge, rule, {(each.hex(),): "broken" for each in broken})
    _said(judge, rule, {(sound[0].hex()[:-1],): "broken", ("0123456789",): "broken"})


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=5, max_size=120), st.sampled_from([b"", *(bytes([1, kind, 0, 0, 0]) for kind in range(8))]))
def test_no_bytes_end_the_check(judge: Judge, rest: bytes, head: bytes) -> None:
    judge(_rule("geospatial/geometry", number="G4", box=BOX), (head + rest).hex())


def _wkb(kind: int, lists: list[list[tuple[float, ...]]], *, order: str = "<", srid: int = 0) -> bytes:
    """A point, a line or a polygon of these lists of positions."""
    head = struct.pack(f"{order}BI", order == "<", kind | (0x20000000 if srid else 0))
    head += struct.pack(f"{order}I", srid) if srid else b""
    kind = (kind & 0xFFFF) % 1000
    head += struct.pack(f"{order}I", len(lists)) if kind == 3 else b""
    for positions in lists:
        head += struct.pack(f"{order}I", len(positions)) if kind > 1 else b""
        head += b"".join(struct.pack(f"{order}{len(each)}d", *each) for each in positions)
    return head


def _several(kind: int, parts: list[bytes]) -> bytes:
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def test_every_position_lies_in_the_entrys_box(judge: Judge) -> None:
    rule = _rule("geospatial/geometry", number="G4", box=BOX)
    _said(judge, rule, {(text,): "-" for text in (*BROKEN, *UNJUDGED)} | {(text,): "kept" for text in SOUND})
    _said(
        judge,
        rule,
        {
            ("POINT(39.9 116.4)",): "broken",
            ("LINESTRING(116 39.5, 120 40)",): "broken",
            ("POINT ZM (116.4 39.9 1 2)",): "kept",
            ('{"type":"LineString","coordinates":[[116,39.5,7],[120,40,7]]}',): "broken",
        },
    )


def test_periods_agree_with_the_frequency_and_the_region(judge: Judge) -> None:
    alone = _rule("statistics/time_period", number="S1")
    forms = ["2024", "2024-S1", "2024-Q1", "2024-01", "2024-W05", "2024-01-31"]
    _said(
        judge, alone, {(form,): "kept" for form in forms} | {("2024年",): "broken", ("2024-13",): "broken", ("",): "-"}
    )
    both = _rule("statistics/time_period", "statistics/freq", number="S1")
    cases = dict.fromkeys(zip(forms, "ASQMWD", strict=True), "kept")
    cases |= {("2024", "M"): "broken", ("2024-02-30", "D"): "broken", ("2024", "年"): "kept", ("2024", None): "kept"}
    _said(judge, both, cases)
    region = _rule("statistics/region_code", "statistics/time_period", number="S2")
    _said(
        judge,
        region,
        {
            ("330113", "2021"): "kept",
            ("330113", "2020-Q4"): "broken",  # 临平区, founded in 2021
            ("110104", "2010-12"): "kept",
            ("110104", "2011-01"): "broken",
            ("330502", "1985"): "kept",
            ("330502", "1995"): "broken",  # nobody's between 1987 and 2003
            ("000000", "2020"): "-",
            ("999999", "2020"): "-",
            ("330113", None): "-",
        },
    )


def test_a_total_beside_its_parts(judge: Judge) -> None:
    names = ("合计", "男", "女")
    items = tuple(
        Item(name=name, field=f"c{place}", type_code="N", base_item="statistics/value", unit="人")
        for place, name in enumerate(names)
    )
    (rule,) = (rule for rule in rules_of(items) if rule.kind == "sum_of_columns")
    _said(
        judge,
        rule,
        {
            ("10.0", "4.3", "5.7"): "kept",
            ("10.1", "4.3", "5.7"): "kept",  # rounded, each of them
            ("10.2", "4.3", "5.7"): "broken",
            ("100", "43", "50"): "broken",
            ("10", "4", None): "-",
            ("10", "4", "缺"): "-",
            ("1" * 200, "4", "5"): "-",
        },
    )


def test_every_kind_has_its_sql() -> None:
    assert set(get_args(RowKind)) == base_rows.KINDS | set(observations.KINDS)
    assert set(observations.KINDS) == OF_SEVERAL_ROWS

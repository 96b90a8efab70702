"""Rules of a base library that one row breaks or keeps, as SQL: which rows they judge, and which of those keep them.

``metadata.base_rules`` declares them. Neither expression is ever NULL, and none raises for any value.
"""

from collections.abc import Callable, Mapping
from functools import cache

from psycopg2 import sql

from metadata.quality import Parameters, Rule
from pipelines.checks import geometry, patterns
from pipelines.checks.check_digits import is_identity_number, is_organisation_code
from pipelines.checks.readings import PERIODS, Read, Value, day, matches, number, rounding, text
from standards import regions
from standards.codes import table

Judged = tuple[sql.Composable, sql.Composable]

MAS_PER_DEGREE = 3_600_000
_ID_SHAPE = "[0-9]{17}[0-9X]"
_REGION_SHAPE = "[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?"
_ENDED = "已?(?:注销|吊销|撤销).*"  # the code lists are local; only the words can be told
_STANDING = "存续.*"
_IDENTITY_CARD = "111"  # GA/T 2000.156, recalled


def judged(rule: Rule, cells: Mapping[str, Value]) -> sql.Composable:
    """True for the rows in which the rule has something to judge."""
    return _of(rule, cells)[0]


def breaks(rule: Rule, cells: Mapping[str, Value]) -> sql.Composable:
    """True for the rows that it judges and that do not keep it."""
    is_judged, keeps = _of(rule, cells)
    return sql.SQL("CASE WHEN {} THEN NOT coalesce({}, true) ELSE false END").format(is_judged, keeps)


def read(rule: Rule, cells: Mapping[str, Value]) -> Read:
    """The rule's cells by the part they play."""
    found: dict[str, tuple[Value, ...]] = {}
    for field, role in zip(rule.columns, rule.parameters.roles, strict=True):
        found[role] = (*found.get(role, ()), cells[field])
    return Read(found)


def _of(rule: Rule, cells: Mapping[str, Value]) -> Judged:
    return _KINDS[rule.kind](read(rule, cells), rule.parameters)


def _all(*conditions: sql.Composable) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" AND ").join(conditions))


def _is(value: sql.Composable) -> sql.Composable:
    return sql.SQL("{} IS NOT NULL").format(value)


def _birth_date(row: Read, _: Parameters) -> Judged:
    id_number, born = row.text("id_number"), day(row.text("birth_date"))
    return _all(matches(id_number, _ID_SHAPE), _is(born)), sql.SQL("substr({}, 7, 8) = {}").format(id_number, born)


def _sex(row: Read, _: Parameters) -> Judged:
    id_number, sex = row.text("id_number"), row.text("sex_code")
    keeps = sql.SQL("(substr({}, 17, 1) IN ('1', '3', '5', '7', '9')) = ({} = '1')").format(id_number, sex)
    return _all(matches(id_number, _ID_SHAPE), matches(sex, "[12]")), keeps


def _not_before(row: Read, _: Parameters) -> Judged:
    later, earlier = (day(row.text(role)) for role in row.cells)
    return _all(_is(later), _is(earlier)), sql.SQL("{} >= {}").format(later, earlier)


def _ended(row: Read, _: Parameters) -> Judged:
    has_ended = matches(row.text("reg_status"), _ENDED)
    judged = sql.SQL("({} OR {})").format(has_ended, matches(row.text("reg_status"), _STANDING))
    return judged, sql.SQL("{} = ({})").format(has_ended, row.is_given("cancelled_on"))


def _credit_code_head(row: Read, _: Parameters) -> Judged:
    code, listed = row.text("uscc"), sql.Literal(list(table("gb32100-uscc-category").codes))
    return matches(code, patterns.CREDIT_CODE), sql.SQL("left({}, 2) = ANY ({}::text[])").format(code, listed)


def _credit_code_body(row: Read, _: Parameters) -> Judged:
    code = row.text("uscc")
    return matches(code, patterns.CREDIT_CODE), is_organisation_code(sql.SQL("substr({}, 9, 9)").format(code))


def _identity_of_type(row: Read, _: Parameters) -> Judged:
    judged = _all(matches(row.text("legal_rep_id_type"), _IDENTITY_CARD), row.is_given("legal_rep_id"))
    return judged, is_identity_number(row.text("legal_rep_id"))


def _region(row: Read, _: Parameters) -> Judged:
    (role,) = row.cells
    code = row.text(role)
    known = sql.SQL("left({}, 6) = ANY ({}::text[])").format(code, sql.Literal([regions.COUNTRY, *_validity()]))
    return row.is_given(role), _all(matches(code, _REGION_SHAPE), known)


def _range(row: Read, parameters: Parameters) -> Judged:
    (role,) = row.cells
    low, high = parameters.limits or (0, 0)
    value = number(row.text(role))
    return _is(value), sql.SQL("{} BETWEEN {} AND {}").format(value, sql.Literal(low), sql.Literal(high))


def _geometry(row: Read, _: Parameters) -> Judged:
    value = row.text("geometry")
    return geometry.is_judged(value), geometry.is_sound(value)


def _inside(row: Read, parameters: Parameters) -> Judged:
    west, south, east, north = (sql.Literal(edge) for edge in parameters.box_mas or (0, 0, 0, 0))
    is_split = parameters.box_mas is not None and parameters.box_mas[0] > parameters.box_mas[2]

    def contains(lon: sql.Composable, lat: sql.Composable) -> sql.Composable:
        return sql.SQL(
            "(({lon} * {scale} >= {west} {both} {lon} * {scale} <= {east})"
            " AND {lat} * {scale} BETWEEN {south} AND {north})"
        ).format(
            lon=lon,
            lat=lat,
            scale=sql.Literal(MAS_PER_DEGREE),
            both=sql.SQL("OR" if is_split else "AND"),  # across the 180th meridian the west edge is the greater
            west=west,
            south=south,
            east=east,
            north=north,
        )

    if row.has("geometry"):
        value = row.text("geometry")
        is_sound = sql.SQL("CASE WHEN {} THEN {} ELSE false END").format(
            geometry.is_judged(value), geometry.is_sound(value)
        )
        return is_sound, geometry.each_position(value, contains)
    lon, lat = number(row.text("lon")), number(row.text("lat"))
    return _all(_is(lon), _is(lat)), contains(lon, lat)


def _period(row: Read, _: Parameters) -> Judged:
    """By the frequency's own form where that is one of the letters; otherwise by any of them."""
    period = row.text("time_period")
    any_form = matches(period, "|".join(PERIODS.values()))
    if not row.has("freq"):
        return row.is_given("time_period"), any_form
    forms = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(letter), matches(period, form))
        for letter, form in PERIODS.items()
    )
    keeps = sql.SQL("CASE {} {} ELSE {} END").format(row.text("freq"), forms, any_form)
    return row.is_given("time_period"), keeps


def _region_period(row: Read, _: Parameters) -> Judged:
    """In the year that the period begins with; the region's years are looked up in one constant of all codes."""
    code, year = sql.SQL("left({}, 6)").format(row.text("region_code")), sql.SQL("left({}, 4)")
    year = year.format(row.text("time_period"))
    spans = sql.SQL("({} ->> {})").format(_spans(), code)
    keeps = sql.SQL(
        "EXISTS (SELECT FROM string_to_table({}, ' ') AS span WHERE {} BETWEEN left(span, 4) AND right(span, 4))"
    ).format(spans, year)
    judged = _all(
        matches(row.text("region_code"), _REGION_SHAPE),
        matches(year, "[0-9]{4}"),
        sql.SQL("{} IS NOT NULL").format(spans),
    )
    return judged, keeps


def _sum_of_columns(row: Read, _: Parameters) -> Judged:
    values = [number(text(cell)) for role in ("total", "part") for cell in row.cells[role]]
    total, parts = values[0], values[1:]
    plus = sql.SQL(" + ")
    keeps = sql.SQL("abs({} - ({})) <= {}").format(
        total, plus.join(parts), plus.join(rounding(each) for each in values)
    )
    return _all(*(_is(each) for each in values)), keeps


@cache
def _validity() -> Mapping[str, str]:
    """The years of each known region code, as ``1983-1987 2003-9999``."""
    return {
        each.code: " ".join(f"{period.begins or 0:04}-{period.ends or 9999:04}" for period in each.periods)
        for each in regions.every()
    }


@cache
def _spans() -> sql.Composable:
    pairs = [text for pair in _validity().items() for text in pair]
    return sql.SQL("jsonb_object({}::text[])").format(sql.Literal(pairs))


_KINDS: Mapping[str, Callable[[Read, Parameters], Judged]] = {
    "birth_date": _birth_date,
    "sex": _sex,
    "not_before": _not_before,
    "ended": _ended,
    "credit_code_head": _credit_code_head,
    "credit_code_body": _credit_code_body,
    "identity_of_type": _identity_of_type,
    "region": _region,
    "range": _range,
    "geometry": _geometry,
    "inside": _inside,
    "period": _period,
    "region_period": _region_period,
    "sum_of_columns": _sum_of_columns,
}
KINDS = frozenset(_KINDS)

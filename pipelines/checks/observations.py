"""Rules of a base library that several rows show together, as a SELECT of what is judged and what of it is broken.

Each row that it gives has ``judged`` and ``broken``: a record, an observation, a total. They are counted only: of
several rows nobody can say which is the wrong one, so that none is set aside. No JOIN is written, for in a query that
has the word Great Expectations gives the batch no name.
"""

from collections.abc import Callable, Mapping, Sequence

from psycopg2 import sql

from metadata.quality import Rule
from pipelines.checks.base_rows import read
from pipelines.checks.readings import Read, Value, matches, month, months_long, number, rounding

_ABSOLUTE = "(?:绝对值)?"
_TOTAL = "(?:_T|合计|总计)?"
_NO_SUM = ".*(?:[%％‰/]|百分|比|率|人均|平均|指数).*"  # units of what does not add up
_YEAR = 12


def selected(rule: Rule, cells: Mapping[str, Value], source: sql.Composable) -> sql.Composable:
    """The SELECT; ``source`` is what stands behind FROM, and names what the cells are of."""
    return KINDS[rule.kind](read(rule, cells), source)


def _one_active(row: Read, source: sql.Composable) -> sql.Composable:
    """Only records that say 正常 count as active: other words are each city's own."""
    return sql.SQL(
        "SELECT true AS judged, count(*) OVER (PARTITION BY {id}) > 1 AS broken FROM {source}"
        " WHERE {given} AND {active}"
    ).format(
        id=row.text("id_number"),
        source=source,
        given=row.is_given("id_number"),
        active=matches(row.text("person_status"), "正常"),
    )


def _one_unit(row: Read, source: sql.Composable) -> sql.Composable:
    """An indicator's rates have another unit than its amounts: the same comparison is compared."""
    return sql.SQL(
        "SELECT true AS judged, min({unit}) OVER w <> max({unit}) OVER w AS broken FROM {source}"
        " WHERE {indicator} AND {given} WINDOW w AS (PARTITION BY {series})"
    ).format(
        unit=row.text("unit"),
        source=source,
        indicator=row.is_given("indicator_code"),
        given=row.is_given("unit"),
        series=_listed(row, ("indicator_code", "comparison")),
    )


def _sum_of_rows(row: Read, source: sql.Composable) -> sql.Composable:
    """A total has no breakdown (or ``_T``, 合计, 总计); its parts are the other rows of the same observation.

    Judged where there is one total, two parts or more, none without a number or twice, and all codes of one length:
    codes of several lengths are several levels, whose sum counts things twice.
    """
    is_total = matches(sql.SQL("coalesce({}, '')").format(row.text("breakdown")), _TOTAL)
    adds_up = [
        sql.SQL("NOT {}").format(matches(row.text("unit"), _NO_SUM)) if row.has("unit") else None,
        _is_absolute(row) if row.has("comparison") else None,
    ]
    conditions = [condition for condition in adds_up if condition is not None]
    series = [role for role in row.cells if role not in ("breakdown", "value", "status")]
    return sql.SQL(
        "SELECT judged, judged AND abs(total - parts) > tolerance AS broken FROM (SELECT"
        " count(*) FILTER (WHERE whole) = 1 AND count(*) FILTER (WHERE NOT whole) >= 2 AND bool_and(v IS NOT NULL)"
        " AND count(DISTINCT b) FILTER (WHERE NOT whole) = count(*) FILTER (WHERE NOT whole)"
        " AND min(length(b)) FILTER (WHERE NOT whole) = max(length(b)) FILTER (WHERE NOT whole) AS judged,"
        " sum(v) FILTER (WHERE whole) AS total, sum(v) FILTER (WHERE NOT whole) AS parts,"
        " sum({rounding}) AS tolerance"
        " FROM (SELECT {series} AS k, {breakdown} AS b, {value} AS v, {is_total} AS whole FROM {source}"
        " WHERE {conditions}) AS o GROUP BY k) AS s"
    ).format(
        rounding=rounding(sql.SQL("v")),
        series=_listed(row, series),
        breakdown=row.text("breakdown"),
        value=number(row.text("value")),
        is_total=is_total,
        source=source,
        conditions=sql.SQL(" AND ").join([sql.SQL("true"), *conditions]),
    )


def _growth(row: Read, source: sql.Composable) -> sql.Composable:
    """同比 is the change in percent against a year before, 环比 against the period before, of the absolute values.

    Judged where both of these are there, once each, and the earlier is above zero; years, half-years, quarters and
    months only, and no 环比 of accumulated figures. Figures at constant prices cannot be computed so.
    """
    series = [role for role in row.cells if role not in ("time_period", "value", "comparison")]
    accumulated = row.text("accum_flag") if row.has("accum_flag") else sql.SQL("NULL::text")
    before, now = sql.SQL("a.v"), sql.SQL("n.v")
    return sql.SQL(
        "(WITH o AS (SELECT {series} AS k, {month} AS month, {long} AS long, {value} AS v,"
        " CASE WHEN {is_absolute} THEN 0 WHEN {is_yearly} THEN {year}"
        " WHEN {is_last} AND coalesce({accumulated}, '') <> '1' THEN {long} END AS back FROM {source}),"
        " a AS (SELECT k, month, long, min(v) AS v FROM o WHERE back = 0 AND v IS NOT NULL AND month IS NOT NULL"
        " GROUP BY k, month, long HAVING count(*) = 1)"
        " SELECT true AS judged, abs(r.v - ({now} / {before} - 1) * 100) > {own} + 100 * ({of_now} / {before}"
        " + {now} * {of_before} / ({before} * {before})) AS broken FROM o AS r, a AS n, a"
        " WHERE n.k = r.k AND n.month = r.month AND n.long = r.long"
        " AND a.k = r.k AND a.month = r.month - r.back AND a.long = r.long"
        " AND r.back > 0 AND r.v IS NOT NULL AND a.v > 0)"
    ).format(
        series=_listed(row, series),
        month=month(row.text("time_period")),
        long=months_long(row.text("time_period")),
        value=number(row.text("value")),
        is_absolute=_is_absolute(row),
        is_yearly=matches(row.text("comparison"), "同比.*"),
        is_last=matches(row.text("comparison"), "环比.*"),
        year=sql.Literal(_YEAR),
        accumulated=accumulated,
        source=source,
        now=now,
        before=before,
        own=rounding(sql.SQL("r.v")),
        of_now=rounding(now),
        of_before=rounding(before),
    )


def _is_absolute(row: Read) -> sql.Composable:
    return matches(sql.SQL("coalesce({}, '')").format(row.text("comparison")), _ABSOLUTE)


def _listed(row: Read, roles: Sequence[str]) -> sql.Composable:
    """Values side by side as one, NULL as empty."""
    return sql.SQL("ARRAY[{}]").format(
        sql.SQL(", ").join(sql.SQL("coalesce({}, '')").format(row.text(role)) for role in roles if row.has(role))
    )


KINDS: Mapping[str, Callable[[Read, sql.Composable], sql.Composable]] = {
    "one_active": _one_active,
    "one_unit": _one_unit,
    "sum_of_rows": _sum_of_rows,
    "growth": _growth,
}

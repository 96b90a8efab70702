"""Whether the rings of a geometry cross, themselves or each other, in SQL.

Every edge is compared with every other one, so a geometry of more positions than a building has is not looked at: a
million rows are to be checked within the statement's time. A crossing is one in the inside of
both edges: rings that touch, at a corner or along an edge, are not told from those that cross there.
"""

from collections.abc import Callable
from typing import Final

from psycopg2 import sql

MOST_POSITIONS: Final = 24
# Of the greater coordinate: nearer to an edge than that is on it. 116 degrees are known to 1e-14 of them.
_NEAR: Final = "1e-12"
# Coordinates to twelve places: no product of differences is too small for a double.
_PLACES: Final = 12

Numbers = Callable[[sql.Composable], tuple[sql.Composable, sql.Composable]]

_CROSS: Final = """NOT EXISTS (WITH s AS MATERIALIZED (
  SELECT row_number() OVER () AS k, x, y, lag(x) OVER w AS px, lag(y) OVER w AS py
  FROM (SELECT r, i, round({x}::numeric, {places})::float8 AS x, round({y}::numeric, {places})::float8 AS y
   FROM string_to_table({text}, {between}) WITH ORDINALITY AS q(piece, r),
    LATERAL string_to_table(split_part(piece, {before}, -1), {comma}) WITH ORDINALITY AS c(part, i),
    LATERAL (SELECT btrim(part, {around}) AS p) AS t
   WHERE position({before} in piece) > 0) AS v
  WINDOW w AS (PARTITION BY r ORDER BY i))
 SELECT FROM s AS a, s AS b
 WHERE a.k < b.k AND least(a.x, a.px) < greatest(b.x, b.px) AND least(b.x, b.px) < greatest(a.x, a.px)
  AND least(a.y, a.py) <= greatest(b.y, b.py) AND least(b.y, b.py) <= greatest(a.y, a.py)
  AND {a_parts_b} AND {b_parts_a})"""


def is_uncrossed(
    text: sql.Composable, numbers: Numbers, between: str, before: str, comma: str, around: str
) -> sql.Composable:
    """No two edges of its rings cross, or there are more than can be compared.

    Rings are what stands after the last ``before`` of each piece that ``between`` ends, positions what ``comma`` parts.
    """
    x, y = numbers(sql.SQL("p"))
    crossing = sql.SQL(_CROSS).format(
        x=x,
        y=y,
        places=sql.Literal(_PLACES),
        text=text,
        between=sql.Literal(between),
        before=sql.Literal(before),
        comma=sql.Literal(comma),
        around=sql.Literal(around),
        a_parts_b=_parts("a", "b"),
        b_parts_a=_parts("b", "a"),
    )
    return sql.SQL(
        "CASE WHEN length({text}) - length(replace({text}, {comma}, '')) >= {most} THEN true ELSE {crossing} END"
    ).format(text=text, comma=sql.Literal(comma), most=sql.Literal(MOST_POSITIONS * len(comma)), crossing=crossing)


def _parts(one: str, other: str) -> sql.Composable:
    """The line through one edge has the ends of the other on both sides, neither of them nearly on it."""
    near = (
        f"{_NEAR} * (abs({one}.x - {one}.px) + abs({one}.y - {one}.py))"
        f" * greatest(abs({one}.x), abs({one}.y), abs({other}.x), abs({other}.y))"
    )
    first, last = (
        f"({one}.x - {one}.px) * ({other}.{y} - {one}.py) - ({one}.y - {one}.py) * ({other}.{x} - {one}.px)"
        for x, y in (("px", "py"), ("x", "y"))
    )
    return sql.SQL(f"(({first} > {near} AND {last} < -({near})) OR ({first} < -({near}) AND {last} > {near}))")

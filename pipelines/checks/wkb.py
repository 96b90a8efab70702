"""A geometry in bytes (WKB, PostGIS's EWKB, as hexadecimal digits) as WKT, in SQL: so a PostGIS column reads as text.

Counts are held against the bytes that are left before anything is read by them. What is no WKB from its first byte to
its last is an empty text, which is no geometry; heights and measures are left out; collections and curves are told
by ``is_other`` alone. A number that is none (NaN, an infinity) is written so, and no geometry has it.
"""

from typing import Final

from psycopg2 import sql

from pipelines.checks.readings import matches

_SINGLE: Final = {1: "POINT", 2: "LINESTRING", 3: "POLYGON"}
_SEVERAL: Final = {4: "MULTIPOINT", 5: "MULTILINESTRING", 6: "MULTIPOLYGON"}
# Digits of a geometry that is looked at, some thirty positions: reading them takes several times as long as a text.
MOST_DIGITS: Final = 1_000
_BINARY: Final = r"\s*(?:\\x)?[0-9A-Fa-f]{10,}\s*"
# Kinds 7 to 17 of OGC 06-103r4, with heights and measures as thousands or, in EWKB, as flags: the lower two bytes.
_OTHER_KINDS: Final = (
    ("0[7-9A-F]|1[01]", "00"),
    ("EF|F[0-9]", "03"),
    ("D[7-9A-F]|E[01]", "07"),
    ("BF|C[0-9]", "0B"),
)

# ``h`` are the bytes, places in them counted from 1. Of a header: byte order, kind with flags, perhaps an SRID.
_HEAD: Final = """(SELECT substr(h, {p}, 1) = '\\x01' AS little,
  substr(h, {p}, 1) IN ('\\x00', '\\x01') AS is_order) AS o,
 LATERAL (SELECT {raw} AS raw) AS t,
 LATERAL (SELECT mod(raw & 268435455, 1000) AS kind,
  {p} + 5 + CASE WHEN raw & 536870912 <> 0 THEN 4 ELSE 0 END AS body,
  2 + CASE WHEN raw & 2147483648 <> 0 OR (raw & 268435455) / 1000 IN (1, 3) THEN 1 ELSE 0 END
  + CASE WHEN raw & 1073741824 <> 0 OR (raw & 268435455) / 1000 IN (2, 3) THEN 1 ELSE 0 END AS dims,
  is_order AND (raw & 268435455) / 1000 < 4 AS is_head) AS k,
 LATERAL (SELECT {count} AS count) AS c"""

# One step reads a header with its count, or one list of positions. ``p`` is NULL when nothing more is to be read.
_READ: Final = """(SELECT CASE WHEN bool_and(is_good) AND count(*) FILTER (WHERE p IS NULL) = 1
  THEN replace(string_agg(piece, '' ORDER BY step), 'POINT(NaN NaN)', 'POINT EMPTY') ELSE '' END
 FROM (WITH RECURSIVE w(step, p, little, kind, dims, rings, geometries, several, wants_head, piece, is_good) AS (
  SELECT 1, CASE WHEN is_good AND NOT is_empty THEN f.p END::integer, little, kind, dims, rings,
   CASE WHEN kind > 3 THEN count ELSE 0 END, kind > 3, kind > 3,
   CASE WHEN NOT is_good THEN '' WHEN is_empty THEN name || ' EMPTY'
    WHEN kind > 2 THEN name || '(' ELSE name END, is_good
  FROM {top_head},
   LATERAL (SELECT kind > 1 AND count = 0 AS is_empty, body + CASE WHEN kind > 2 THEN 4 ELSE 0 END AS p,
    CASE kind WHEN 3 THEN count ELSE 1 END AS rings, ({names}::text[])[kind] AS name,
    is_head AND kind BETWEEN 1 AND 6 AND (kind IN (1, 2) OR count <= (length(h) - body) / 4)
     AND (NOT (kind > 1 AND count = 0) OR body + 3 = length(h)) AS is_good) AS f
  UNION ALL
  SELECT n.* FROM w, LATERAL (
   SELECT step + 1, CASE WHEN is_good THEN f.p END::integer, o.little, k.kind, w.dims,
    CASE k.kind WHEN 3 THEN count ELSE 1 END, w.geometries - 1, true, false,
    CASE k.kind WHEN 3 THEN '(' ELSE '' END, is_good
   FROM {head},
    LATERAL (SELECT k.body + CASE k.kind WHEN 3 THEN 4 ELSE 0 END AS p, is_head AND k.dims = w.dims AND k.kind = w.kind
     - CASE WHEN w.kind > 3 THEN 3 ELSE 0 END
     AND (k.kind <> 3 OR count BETWEEN 1 AND (length(h) - k.body) / 4) AS is_good) AS f
   WHERE wants_head
   UNION ALL
   SELECT step + 1, CASE WHEN is_good AND is_more THEN f.p END::integer, w.little, w.kind, w.dims, w.rings - 1,
    w.geometries, w.several, w.rings = 1,
    CASE WHEN is_good THEN '(' || {positions} || ')' || CASE WHEN w.rings > 1 THEN ','
     ELSE CASE w.kind WHEN 3 THEN ')' ELSE '' END
      || CASE WHEN w.geometries > 0 THEN ',' WHEN several THEN ')' ELSE '' END END END, is_good
   FROM (SELECT CASE w.kind WHEN 1 THEN 1 ELSE {here} END AS count, w.p + CASE w.kind WHEN 1 THEN 0 ELSE 4 END AS start)
     AS c,
    LATERAL (SELECT count BETWEEN 1 AND (length(h) + 1 - start) / (8 * w.dims) AS fits,
     start + 8 * w.dims * count AS p, w.rings > 1 OR w.geometries > 0 AS is_more) AS e,
    LATERAL (SELECT e.p, fits AND (is_more OR e.p = length(h) + 1) AS is_good) AS f
   WHERE NOT wants_head) AS n
  WHERE w.p IS NOT NULL)
 SELECT * FROM w) AS pieces)"""

_POSITIONS: Final = """(SELECT string_agg({x} || ' ' || {y}, ',' ORDER BY i) FROM generate_series(0, count - 1) AS i,
 LATERAL (SELECT encode(substr(h, (start + 8 * w.dims * i)::integer, 16), 'hex') AS digits OFFSET 0) AS a,
 LATERAL (SELECT {x_bits} AS x, {y_bits} AS y OFFSET 0) AS b)"""


def is_binary(text: sql.Composable) -> sql.Composable:
    """Hexadecimal digits, of a point or more."""
    return matches(text, _BINARY)


def is_other(text: sql.Composable) -> sql.Composable:
    """Digits of a collection or a curve, or of more than are looked at."""
    low = "|".join(f"01(?:{kind}){thousand}00.0" for kind, thousand in _OTHER_KINDS)
    high = "|".join(f"00.000{thousand}(?:{kind})" for kind, thousand in _OTHER_KINDS)
    return sql.SQL("(octet_length({text}) > {most} OR {text} ~* {other})").format(
        text=text, most=sql.Literal(MOST_DIGITS), other=sql.Literal(rf"\A\s*(?:\\x)?(?:{low}|{high})")
    )


def as_wkt(text: sql.Composable) -> sql.Composable:
    """WKT of hexadecimal digits, with ``\\x`` before them or without; an empty text where they are no WKB."""
    digits = sql.SQL("SELECT replace(btrim({}, {}), {}, '') AS digits OFFSET 0").format(
        text, sql.Literal(" \t\r\n"), sql.Literal("\\x")
    )
    return sql.SQL(
        "(SELECT CASE WHEN mod(length(digits), 2) = 1 THEN '' ELSE"
        " (SELECT {} FROM (SELECT decode(digits, 'hex') AS h OFFSET 0) AS bytes) END FROM ({}) AS hexadecimal)"
    ).format(_reading(), digits)


def _reading() -> sql.Composable:
    names = [(_SINGLE | _SEVERAL)[kind] for kind in range(1, 7)]
    return sql.SQL(_READ).format(
        top_head=_head("1"),
        head=_head("w.p"),
        names=sql.Literal(names),
        here=sql.SQL(_whole("w.p", "w.little")),
        positions=sql.SQL(_POSITIONS).format(
            x=sql.SQL(_number("x")),
            y=sql.SQL(_number("y")),
            x_bits=sql.SQL(_bits(1, "w.little")),
            y_bits=sql.SQL(_bits(17, "w.little")),
        ),
    )


def _head(position: str) -> sql.Composable:
    return sql.SQL(_HEAD).format(
        p=sql.SQL(position),
        raw=sql.SQL(_whole(f"{position} + 1", "little")),
        count=sql.SQL(_whole("k.body", "o.little")),
    )


def _ordered(digits: str, first: int, little: str, byte_count: int) -> str:
    """So many bytes' digits from the first one, the greatest byte first."""
    turned = " || ".join(f"substr({digits}, {first + 2 * each}, 2)" for each in reversed(range(byte_count)))
    return f"'x' || CASE WHEN {little} THEN {turned} ELSE substr({digits}, {first}, {2 * byte_count}) END"


def _whole(position: str, little: str) -> str:
    """A 32-bit unsigned integer; beyond the end whatever, and never an error."""
    digits = f"encode(substr(h, ({position})::integer, 4), 'hex')"
    return f"(SELECT ({_ordered('d', 1, little, 4)})::bit(32)::bigint FROM (SELECT {digits} AS d OFFSET 0) AS s)"  # noqa: S608


def _bits(first: int, little: str) -> str:
    return f"({_ordered('digits', first, little, 8)})::bit(64)::bigint"


def _number(bits: str) -> str:
    """A double's bits as text, exactly; below 1e-97 nothing, which keeps PostgreSQL from an underflow."""
    exponent = f"(({bits} >> 52) & 2047)"
    return (
        f"CASE WHEN {exponent} = 2047 THEN 'NaN' WHEN {exponent} < 700 THEN '0' ELSE (CASE WHEN {bits} < 0 THEN -1"
        f" ELSE 1 END * (1 + ({bits} & 4503599627370495)::float8 / 4503599627370496)"
        f" * power(2::float8, {exponent} - 1023))::text END"
    )

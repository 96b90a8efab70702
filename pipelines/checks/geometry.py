"""Whether a text is a geometry, as SQL: the forms of WKT and of GeoJSON's geometry objects. No PostGIS is needed.

Judged: the form is one of point, line, polygon and their plural, every coordinate a finite number, a line of two
positions or more, a ring of four or more that ends where it begins. Not judged: whether rings cross themselves or each
other, their direction, heights, the binary forms (WKB, a PostGIS column), collections, curves, GeoJSON features and
members beside ``type`` and ``coordinates``, and whatever is longer than ``MOST_BYTES``.
"""

from collections.abc import Callable

from psycopg2 import sql

from pipelines.checks.readings import matches

MOST_BYTES = 200_000

_NUMBER = "[-+]?[0-9]+(?:[.][0-9]*)?(?:[eE][-+]?[0-9]{1,2})?"
_POSITION = f"{_NUMBER}(?: {_NUMBER}){{1,3}}"
_LISTED = f"{_POSITION}(?:,{_POSITION})*"
_MARK = "#"  # stands for a list of positions

_BINARY = r"\s*(?:\\x)?[0-9A-Fa-f]{10,}\s*"
_OTHER = r"collection|curve|surface|triangle|\ytin\y|circular|feature|\"(?:bbox|crs|properties)\""
_TOO_MANY_DIGITS = "[0-9]{40}"

_LISTS = rf"\({_MARK}\)(?:,\({_MARK}\))*"
_FORMS = (
    rf"(?:MULTI)?POINTZ?M?\({_MARK}\)",
    rf"LINESTRINGZ?M?\({_MARK}\)",
    rf"MULTIPOINTZ?M?\({_LISTS}\)",
    rf"(?:POLYGON|MULTILINESTRING)Z?M?\({_LISTS}\)",
    rf"MULTIPOLYGONZ?M?\(\({_LISTS}\)(?:,\({_LISTS}\))*\)",
    "(?:MULTI)?(?:POINT|LINESTRING|POLYGON)Z?M?[ ]EMPTY",
)

# From either spelling to one: POLYGON((1 2,3 4,5 6,1 2)), without spaces that say nothing, heights kept only in WKT.
_FROM_WKT = (
    (r"\A\s*SRID=[0-9]{1,6};", "", "i"),
    (r"\s+", " ", "g"),
    (r" ?([(),]) ?", r"\1", "g"),
    (r"[ ](?:ZM|Z|M)(?=\(| EMPTY)", "", "i"),
    (r"\A | \Z", "", "g"),
)
_FROM_GEOJSON = (
    (r"\s*([][{}:,])\s*", r"\1", "g"),
    (rf"\[({_NUMBER}),({_NUMBER})(?:,{_NUMBER}){{0,2}}\]", r"\1 \2", "g"),
    (r"\[", "(", "g"),
    (r"\]", ")", "g"),
    (r'\A\{"coordinates":(.*),"type":"([A-Za-z]+)"\}\Z', r'{"type":"\2","coordinates":\1}', ""),
    (r'\A\{"type":"([A-Za-z]+)","coordinates":(.*)\}\Z', r"\1\2", ""),
    (r"\APoint([^(].*)\Z", r"Point(\1)", ""),
)


def is_judged(text: sql.Composable) -> sql.Composable:
    """There is a text, of a form and a length that is looked at."""
    return sql.SQL(
        "CASE WHEN octet_length({text}) BETWEEN 1 AND {most} THEN NOT {binary} AND {text} !~* {other} ELSE false END"
    ).format(
        text=text,
        most=sql.Literal(MOST_BYTES),
        binary=matches(text, _BINARY),
        other=sql.Literal(_OTHER),
    )


def is_sound(text: sql.Composable) -> sql.Composable:
    """A judged text is a geometry."""
    return sql.SQL(
        "(SELECT CASE WHEN position('#' in g) > 0 OR g ~ {digits} THEN false"
        " WHEN regexp_replace(g, {listed}, '#', 'g') !~* {form} THEN false"
        " WHEN g ~* '^POINT' THEN position(',' in g) = 0"
        " WHEN g ~* '^MULTIPOINT' OR g ~* 'EMPTY$' THEN true"
        " ELSE NOT EXISTS (SELECT FROM regexp_matches(g, '[(]([^()]+)[)]', 'g') AS m WHERE CASE WHEN g ~* 'POLYGON'"
        " THEN {short_ring} OR {open_ring} ELSE position(',' in m[1]) = 0 END) END"
        " FROM (SELECT {one} AS g OFFSET 0) AS v)"
    ).format(
        digits=sql.Literal(_TOO_MANY_DIGITS),
        listed=sql.Literal(_LISTED),
        form=sql.Literal(rf"\A(?:{'|'.join(_FORMS)})\Z"),
        short_ring=sql.SQL("split_part(m[1], ',', 4) = ''"),
        open_ring=_is_open(sql.SQL("split_part(m[1], ',', 1)"), sql.SQL("split_part(m[1], ',', -1)")),
        one=_in_one_spelling(text),
    )


def each_position(
    text: sql.Composable, holds: Callable[[sql.Composable, sql.Composable], sql.Composable]
) -> sql.Composable:
    """Whether something holds of the first and second number of each position of a sound geometry."""
    return sql.SQL(
        "(SELECT NOT EXISTS (SELECT FROM regexp_matches(g, {position}, 'g') AS m WHERE NOT {holds})"
        " FROM (SELECT {one} AS g OFFSET 0) AS v)"
    ).format(
        position=sql.Literal(rf"({_NUMBER}) ({_NUMBER})[^,()]*"),
        holds=holds(sql.SQL("m[1]::numeric"), sql.SQL("m[2]::numeric")),
        one=_in_one_spelling(text),
    )


def _is_open(first: sql.Composable, last: sql.Composable) -> sql.Composable:
    """Two positions differ: as they are written, and as numbers (1.0 is 1)."""
    unequal = sql.SQL(" OR ").join(
        sql.SQL("split_part({0}, ' ', {2})::numeric <> split_part({1}, ' ', {2})::numeric").format(
            first, last, sql.Literal(place)
        )
        for place in (1, 2)
    )
    return sql.SQL("CASE WHEN {} = {} THEN false ELSE {} END").format(first, last, unequal)


def _in_one_spelling(text: sql.Composable) -> sql.Composable:
    return sql.SQL("CASE WHEN {} ~ {} THEN {} ELSE {} END").format(
        text, sql.Literal(r"\A\s*\{"), _replaced(text, _FROM_GEOJSON), _replaced(text, _FROM_WKT)
    )


def _replaced(text: sql.Composable, steps: tuple[tuple[str, str, str], ...]) -> sql.Composable:
    for pattern, by, flags in steps:
        text = sql.SQL("regexp_replace({}, {}, {}, {})").format(
            text, sql.Literal(pattern), sql.Literal(by), sql.Literal(flags)
        )
    return text

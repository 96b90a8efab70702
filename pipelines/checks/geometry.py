"""Whether a text is a geometry, as SQL: WKT, WKB in hexadecimal digits (``wkb``; so a PostGIS column reads), and
GeoJSON's geometry objects. No PostGIS is needed.

Judged: the form is one of point, line, polygon and their plural, every coordinate a finite number, a line of two
positions or more, a ring of four or more that ends where it begins, no rings that cross (``crossing``, as far as it
looks). Not judged: the rings' direction, heights, collections, curves, GeoJSON features and members beside ``type`` and
``coordinates``, and whatever is longer than ``MOST_BYTES``.

A pattern only says yes or no here, which PostgreSQL does in one pass; texts are taken apart by plain functions, many
times faster than by replacing what a pattern finds.
"""

from collections.abc import Callable

from psycopg2 import sql

from pipelines.checks import crossing, wkb
from pipelines.checks.readings import matches

MOST_BYTES = 50_000

_NUMBER = "[-+]?[0-9]+(?:[.][0-9]*)?(?:[eE][-+]?[0-9]{1,2})?"
_OTHER = r"collection|curve|surface|triangle|\ytin\y|circular|feature|\"(?:bbox|crs|properties)\""
_TOO_MANY_DIGITS = "[0-9]{40}"
_BLANKS = " \t\r\n"


def _list_of(element: str, opening: str, closing: str, least: int = 1) -> str:
    """``element`` several times between brackets, with commas and blanks."""
    return rf"{opening}\s*{element}(?:\s*,\s*{element}){{{least - 1},}}\s*{closing}"


def _forms(position: str, opening: str, closing: str) -> dict[str, str]:
    """What stands behind each type's name, of what is a position."""
    listed = _list_of(position, opening, closing)
    lists = _list_of(listed, opening, closing)
    line = _list_of(position, opening, closing, 2)
    return {
        "MULTIPOINT": listed,
        "LINESTRING": line,
        "MULTILINESTRING": _list_of(line, opening, closing),
        "POLYGON": lists,
        "MULTIPOLYGON": _list_of(lists, opening, closing),
    }


def _wkt() -> str:
    position = rf"{_NUMBER}(?:\s+{_NUMBER}){{1,3}}"
    forms = _forms(position, "[(]", "[)]")
    one = rf"[(]\s*{position}\s*[)]"
    forms |= {"POINT": one, "MULTIPOINT": f"(?:{forms['MULTIPOINT']}|{_list_of(one, '[(]', '[)]')})"}
    said = "|".join(rf"{name}\s*(?:ZM|Z|M)?\s*(?:EMPTY|{form})" for name, form in forms.items())
    return rf"\s*(?:SRID=[0-9]{{1,6}};\s*)?(?:{said})\s*"


_NAMES = {
    "POINT": "Point",
    "MULTIPOINT": "MultiPoint",
    "LINESTRING": "LineString",
    "MULTILINESTRING": "MultiLineString",
    "POLYGON": "Polygon",
    "MULTIPOLYGON": "MultiPolygon",
}
_WKT = _wkt()
_MEMBERS = r'\{(?:"type":"[A-Za-z]+","coordinates":\[[^"{}]*\]|"coordinates":\[[^"{}]*\],"type":"[A-Za-z]+")\}'
_POSITION_IN_JSON = _list_of(_NUMBER, "\\[", "\\]", 2)
_COORDINATES = {"POINT": _POSITION_IN_JSON} | _forms(_POSITION_IN_JSON, "\\[", "\\]")


def is_judged(text: sql.Composable) -> sql.Composable:
    """There is a text, of a form and a length that is looked at."""
    return sql.SQL(
        "CASE WHEN NOT coalesce(octet_length({text}) BETWEEN 1 AND {most}, false) THEN false"
        " WHEN {is_binary} THEN NOT {is_other} ELSE {text} !~* {other} END"
    ).format(
        text=text,
        most=sql.Literal(MOST_BYTES),
        is_binary=wkb.is_binary(text),
        is_other=wkb.is_other(text),
        other=sql.Literal(_OTHER),
    )


def is_sound(text: sql.Composable) -> sql.Composable:
    """A judged text is a geometry."""
    return _of_words(text, _is_sound)


def _is_sound(text: sql.Composable) -> sql.Composable:
    in_json = _rings(_compact(text), "]]", "[[", "],[", "[", ",")
    in_wkt = _rings(_even(text), ")", "(", ",", " ", " ")
    return sql.SQL(
        "CASE WHEN {text} ~ {digits} THEN false WHEN {is_json} THEN CASE WHEN NOT {json} THEN false"
        " WHEN {text} ~ 'Polygon' THEN {in_json} ELSE true END"
        " WHEN NOT {text} ~* {wkt} THEN false WHEN {text} ~* 'POLYGON' THEN {in_wkt} ELSE true END"
    ).format(
        text=text,
        digits=sql.Literal(_TOO_MANY_DIGITS),
        is_json=_is_json(text),
        json=_is_geojson(_compact(text)),
        wkt=sql.Literal(rf"\A(?:{_WKT})\Z"),
        in_json=in_json,
        in_wkt=in_wkt,
    )


def each_position(
    text: sql.Composable, holds: Callable[[sql.Composable, sql.Composable], sql.Composable]
) -> sql.Composable:
    """Whether something holds of the first and second number of each position of a sound geometry."""
    return _of_words(text, lambda words: _each_position(words, holds))


def _each_position(
    text: sql.Composable, holds: Callable[[sql.Composable, sql.Composable], sql.Composable]
) -> sql.Composable:
    in_json = sql.SQL("SELECT ltrim(piece, ',[') AS p FROM string_to_table({}, ']') AS s(piece)").format(_compact(text))
    in_wkt = sql.SQL(
        "SELECT btrim(piece) AS p FROM string_to_table(translate(substr({0}, position('(' in {0})), '()', ''), ',')"
        " AS s(piece) WHERE position('(' in {0}) > 0"
    ).format(_even(text))
    all_of = (
        sql.SQL("NOT EXISTS (SELECT FROM ({}) AS q WHERE left(p, 1) BETWEEN '+' AND '9' AND NOT {})").format(
            positions, holds(*(sql.SQL("{}::numeric").format(each) for each in _numbers(sql.SQL("p"), between)))
        )
        for positions, between in ((in_json, ","), (in_wkt, " "))
    )
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(_is_json(text), *all_of)


def _in_words(text: sql.Composable) -> sql.Composable:
    """The text, bytes as WKT."""
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(wkb.is_binary(text), wkb.as_wkt(text), text)


def _of_words(text: sql.Composable, said: Callable[[sql.Composable], sql.Composable]) -> sql.Composable:
    """Of a text that is put into words once, however often it is looked at."""
    return sql.SQL("(SELECT {} FROM (SELECT {} AS words OFFSET 0) AS w)").format(
        said(sql.SQL("w.words")), _in_words(text)
    )


def _is_json(text: sql.Composable) -> sql.Composable:
    return sql.SQL("left(ltrim({}, {}), 1) = '{{'").format(text, sql.Literal(_BLANKS))


def _is_geojson(compact: sql.Composable) -> sql.Composable:
    """The two members, and coordinates as deep as the type asks: a pattern for each type, one for all is slow."""
    opens, closes = (
        sql.SQL("position('[' in {})").format(compact),
        sql.SQL("position(']' in reverse({}))").format(compact),
    )
    coordinates = sql.SQL("substr({0}, {1}, length({0}) + 2 - {1} - {2})").format(compact, opens, closes)
    cases = sql.SQL(" ").join(
        sql.SQL("WHEN position({} in {}) > 0 THEN {}").format(
            sql.Literal(f'"{_NAMES[name]}"'), compact, matches(coordinates, form)
        )
        for name, form in _COORDINATES.items()
    )
    return sql.SQL("(CASE WHEN NOT {} THEN false {} ELSE false END)").format(matches(compact, _MEMBERS), cases)


def _compact(text: sql.Composable) -> sql.Composable:
    """Without blanks; a JSON of numbers and names says the same."""
    return sql.SQL("translate({}, {}, '')").format(text, sql.Literal(_BLANKS))


def _even(text: sql.Composable) -> sql.Composable:
    """Every blank a space."""
    return sql.SQL("translate({}, {}, '    ')").format(text, sql.Literal(_BLANKS))


def _rings(text: sql.Composable, between: str, before: str, comma: str, around: str, inside: str) -> sql.Composable:
    """No ring has fewer than four positions or does not close or crosses; rings are what stands after the last
    ``before``.
    """
    first, last = sql.SQL("a"), sql.SQL("z")
    unequal = sql.SQL(" OR ").join(
        sql.SQL("{}::numeric <> {}::numeric").format(of_first, of_last)
        for of_first, of_last in zip(_numbers(first, inside), _numbers(last, inside), strict=True)
    )
    closed = sql.SQL(
        "NOT EXISTS (SELECT FROM (SELECT ring, btrim(split_part(ring, {comma}, 1), {around}) AS a,"
        " btrim(split_part(ring, {comma}, -1), {around}) AS z FROM (SELECT split_part(piece, {before}, -1) AS ring"
        " FROM string_to_table({text}, {between}) AS s(piece) WHERE position({before} in piece) > 0) AS q) AS v"
        " WHERE CASE WHEN split_part(ring, {comma}, 4) = '' THEN true WHEN a = z THEN false ELSE {unequal} END)"
    ).format(
        text=text,
        between=sql.Literal(between),
        before=sql.Literal(before),
        comma=sql.Literal(comma),
        around=sql.Literal(around),
        unequal=unequal,
    )
    uncrossed = crossing.is_uncrossed(text, lambda p: _numbers(p, inside), between, before, comma, around)
    return sql.SQL("CASE WHEN {} THEN {} ELSE false END").format(closed, uncrossed)


def _numbers(position: sql.Composable, between: str) -> tuple[sql.Composable, sql.Composable]:
    """The first and the second number of a position, as text."""
    x = sql.SQL("split_part({}, {}, 1)").format(position, sql.Literal(between))
    y = sql.SQL("split_part(ltrim(substr({}, 1 + length({})), {}), {}, 1)").format(
        position, x, sql.Literal(between), sql.Literal(between)
    )
    return x, y

"""Boxes round the geometries of other catalogues' files: WKT and GeoJSON in degrees, longitude first. Pure.

A text that names a coordinate system whose order is another (EPSG's have the latitude first) is not guessed at.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

MAS_PER_DEGREE: Final = 3_600_000
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]{1,12}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,2})?")
_WKT: Final = re.compile(r"(MULTI)?(POLYGON|POINT|LINESTRING)\s*(?:Z|M|ZM)?\s*(\(.*\))", re.DOTALL)
_ENVELOPE: Final = re.compile(r"(ENVELOPE|BBOX)\s*\(([^()]*)\)")
_LONGITUDE_FIRST: Final = ("CRS84", "CRS/84")
_MOST_CHARACTERS: Final = 2_000_000
_DEEPEST: Final = 8


def box_of(west: float, south: float, east: float, north: float) -> list[int] | None:
    """The box in thousandths of an arc second; None for what lies on no globe, NaN and infinity too."""
    sides = west, south, east, north
    if not all(map(math.isfinite, sides)) or south > north:
        return None
    if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 90:
        return None
    return [round(side * MAS_PER_DEGREE) for side in sides]


def enclosing(text: str) -> list[int] | None:
    """The box that encloses a geometry, None where the text is none or cannot be told for certain."""
    text = text.strip()
    if len(text) > _MOST_CHARACTERS:
        return None
    if text.startswith("{"):
        return _around(list(_of_geojson(text)))
    if text.startswith("<"):
        system, _, text = text[1:].partition(">")
        text = text if system.endswith(_LONGITUDE_FIRST) else ""
    return _of_wkt(text.strip().upper())


def _of_wkt(text: str) -> list[int] | None:
    envelope = _ENVELOPE.fullmatch(text)
    if envelope is not None:
        sides = _numbers(envelope[2].replace(",", " "))
        if len(sides) == 4 and envelope[1] == "ENVELOPE":
            sides = [sides[0], sides[3], sides[1], sides[2]]
        return box_of(*sides) if len(sides) == 4 else None
    geometry = _WKT.fullmatch(text)
    if geometry is None:
        return None
    return _around([_numbers(each) for each in re.split("[(),]+", geometry[3]) if each.strip()])


def _around(points: Sequence[Sequence[float]]) -> list[int] | None:
    if not points or any(len(each) < 2 for each in points):
        return None
    xs, ys = [each[0] for each in points], [each[1] for each in points]
    return box_of(min(xs), min(ys), max(xs), max(ys)) if all(map(math.isfinite, (*xs, *ys))) else None


def _numbers(text: str) -> list[float]:
    """The numbers between spaces; none where one of them is no number."""
    words = text.split()
    return [float(each) for each in words] if all(map(_NUMBER.fullmatch, words)) else []


def _of_geojson(text: str) -> Iterator[Sequence[float]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    waiting: list[tuple[Any, int]] = [(document.get("geometry", document) if isinstance(document, dict) else None, 0)]
    if isinstance(waiting[0][0], dict):
        waiting = [(waiting[0][0].get("coordinates"), 0)]
    while waiting:
        value, depth = waiting.pop()
        if not isinstance(value, list) or depth > _DEEPEST:
            continue
        if value and all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
            try:
                yield [float(each) for each in value]
            except OverflowError:
                yield [math.inf, math.inf]
        waiting += [(each, depth + 1) for each in value if isinstance(each, list)]

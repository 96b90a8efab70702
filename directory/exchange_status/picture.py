"""The routes as a picture: providers left, the relay in the middle, consumers right. Geometry only; pure.

Lengths are in the units of the picture's own view box, ``WIDTH`` by ``Picture.height``. Each end has a port of its own,
and lines cross the relay in the order of their heights, so that as few as possible cross.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from directory.exchange_status.queries import Route

WIDTH: Final = 1310
MAX_ROUTES: Final = 30
"""More lines than this cannot be told apart; the table has them all."""
_TOP, _GAP, _MIN_BOX, _PORT_MARGIN, _LINE_PITCH = 56, 8, 34, 7, 10
_LEFT_X, _RELAY_X, _RIGHT_X = 276, 655, 1034
_MARKS_AT: Final = (0.88, 0.8, 0.72, 0.64)
"""Where on its curve a mark lies; neighbours at one consumer take turns, so that none hides another."""
_NAME_CHARACTERS: Final = 12
_WORST_FIRST: Final = {"red": 0, "amber": 1, "green": 2, "off": 3}


@dataclass(frozen=True)
class Box:
    """A department and its box, as tall as its routes on this side need."""

    org_code: str
    name: str
    label: str
    top: int
    height: int
    route_count: int


@dataclass(frozen=True)
class Line:
    """A route as an SVG path, with the place of its mark."""

    route: Route
    path: str
    mark_x: int
    mark_y: int


@dataclass(frozen=True)
class Picture:
    """Everything drawn; ``left_out`` counts the routes beyond ``MAX_ROUTES``, the calmest ones."""

    height: int
    providers: tuple[Box, ...]
    consumers: tuple[Box, ...]
    lines: tuple[Line, ...]
    left_out: int


def draw(routes: Sequence[Route]) -> Picture:
    """The picture of these routes, those that need people on top of the others."""
    ranked = sorted(routes, key=lambda route: _WORST_FIRST[route.light])
    shown = ranked[:MAX_ROUTES]
    providers = _boxes([(route.provider_org, route.provider_name) for route in shown])
    consumers = _boxes([(route.consumer_org, route.consumer_name) for route in shown])
    height = max((box.top + box.height for box in (*providers, *consumers)), default=_TOP) + 20
    tops = {box.org_code: box.top for box in consumers}
    begins = _ports(shown, providers, lambda route: (route.provider_org, tops[route.consumer_org]))
    tops = {box.org_code: box.top for box in providers}
    ends = _ports(shown, consumers, lambda route: (route.consumer_org, tops[route.provider_org]))
    by_height = sorted(shown, key=lambda route: begins[route.route_id] + ends[route.route_id])
    gap = (height - _TOP - 24) / (len(shown) + 1)
    middles = {route.route_id: _TOP + 6 + round(gap * place) for place, route in enumerate(by_height, start=1)}
    marked: Counter[str] = Counter()
    lines = []
    for route in shown:
        mark_at = _MARKS_AT[marked[route.consumer_org] % len(_MARKS_AT)]
        marked[route.consumer_org] += route.light != "green"
        place = route.route_id
        lines.append(_line(route, begins[place], middles[place], ends[place], mark_at))
    return Picture(height, providers, consumers, tuple(reversed(lines)), len(ranked) - len(shown))


def _boxes(ends: Sequence[tuple[str, str]]) -> tuple[Box, ...]:
    boxes, top = [], _TOP
    for code, name in sorted(set(ends), key=lambda end: end[1]):
        count = sum(end[0] == code for end in ends)
        height = max(_MIN_BOX, _LINE_PITCH * (count + 1) + 2 * _PORT_MARGIN)
        label = name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 1] + "…"
        boxes.append(Box(code, name, label, top, height, count))
        top += height + _GAP
    return tuple(boxes)


def _ports(
    routes: Sequence[Route], boxes: Sequence[Box], place: Callable[[Route], tuple[str, int]]
) -> Mapping[str, int]:
    """The height at which each route leaves its box: spread over the port, in the order of the other ends."""
    found: dict[str, int] = {}
    for box in boxes:
        own = sorted((place(route)[1], route.route_id) for route in routes if place(route)[0] == box.org_code)
        for number, (_, route_id) in enumerate(own, start=1):
            port = (box.height - 2 * _PORT_MARGIN) * number / (len(own) + 1)
            found[route_id] = box.top + _PORT_MARGIN + round(port)
    return found


def _line(route: Route, begin: int, middle: int, end: int, mark_at: float) -> Line:
    """Two Bézier curves that meet level at the relay; the mark lies on the second, near the consumer."""
    path = f"M{_LEFT_X} {begin} C 440 {begin} 500 {middle} {_RELAY_X} {middle} S 900 {end} {_RIGHT_X} {end}"
    t, s = mark_at, 1 - mark_at
    mirrored = 2 * _RELAY_X - 500
    x = s**3 * _RELAY_X + 3 * s**2 * t * mirrored + 3 * s * t**2 * 900 + t**3 * _RIGHT_X
    y = (s**3 + 3 * s**2 * t) * middle + (3 * s * t**2 + t**3) * end
    return Line(route, path, round(x), round(y))

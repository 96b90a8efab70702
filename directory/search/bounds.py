"""Filters by place and day: whole numbers against whole numbers, so that a border is exact."""

import math
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, ClassVar

import tantivy
from pydantic import AfterValidator, BeforeValidator, Field
from tantivy import FieldType, Occur, Query

from directory.policy import Visible
from directory.resources.rows import EntryRow

MAS_PER_DEGREE = 3_600_000  # thousandths of an arc second, as ``Extent.box_mas`` counts
_EDGES = ("west", "south", "east", "north")
_LIMITS = (180, 90, 180, 90)
_EPOCH = date(1970, 1, 1)


def box_of(text: str) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """West, south, east, north in degrees, exactly as typed; raises ``ValueError`` for what is no box.

    West may be larger than east: the box then crosses 180°.
    """
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    if len(parts) != 4 or not all(len(part) <= 20 and "/" not in part and "e" not in part.lower() for part in parts):
        raise ValueError("not west,south,east,north")
    west, south, east, north = (Fraction(part) for part in parts)
    if any(abs(edge) > limit for edge, limit in zip((west, south, east, north), _LIMITS, strict=True)):
        raise ValueError("outside the world")
    if south > north:
        raise ValueError("south of north")
    return west, south, east, north


def _checked(text: str) -> str:
    if text:
        box_of(text)
    return text


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


@dataclass(frozen=True)
class Box:
    """Entries whose box meets this one, borders included; those without a box are not found."""

    name: str
    name_zh: str
    says: str
    kind: ClassVar[str] = "box"
    annotation: ClassVar[Any] = Annotated[str, Field(max_length=100), AfterValidator(_checked)]
    default: ClassVar[Any] = ""

    def declare(self, builder: tantivy.SchemaBuilder) -> None:
        for edge in _EDGES:
            builder.add_integer_field(f"box_{edge}", fast=True)

    def file(self, document: tantivy.Document, row: EntryRow) -> None:
        for edge, value in zip(_EDGES, row.record["extent"]["box_mas"] or (), strict=False):
            document.add_integer(f"box_{edge}", value)

    def clauses(self, schema: tantivy.Schema, asked: Any, seen: Visible) -> list[tuple[Occur, Query]]:
        west, south, east, north = (edge * MAS_PER_DEGREE for edge in box_of(asked))
        starts = Query.range_query(schema, "box_west", FieldType.Integer, upper_bound=math.floor(east))
        ends = Query.range_query(schema, "box_east", FieldType.Integer, lower_bound=math.ceil(west))
        beside = [(Occur.Must, starts), (Occur.Must, ends)]
        if west > east:
            beside = [(Occur.Must, Query.boolean_query([(Occur.Should, starts), (Occur.Should, ends)]))]
        return [
            *beside,
            (Occur.Must, Query.range_query(schema, "box_south", FieldType.Integer, upper_bound=math.floor(north))),
            (Occur.Must, Query.range_query(schema, "box_north", FieldType.Integer, lower_bound=math.ceil(south))),
        ]


@dataclass(frozen=True)
class DayBound:
    """Entries of a day on or after this one, or on or before it."""

    name: str
    name_zh: str
    says: str
    field: str
    is_first: bool
    kind: ClassVar[str] = "day"
    annotation: ClassVar[Any] = Annotated[date | None, BeforeValidator(lambda typed: typed or None)]
    default: ClassVar[Any] = None

    def declare(self, builder: tantivy.SchemaBuilder) -> None:
        if self.is_first:  # one field for both bounds
            builder.add_integer_field(self.field, fast=True)

    def file(self, document: tantivy.Document, row: EntryRow) -> None:
        if self.is_first:
            document.add_integer(self.field, day_number(row.updated_on))

    def clauses(self, schema: tantivy.Schema, asked: Any, seen: Visible) -> list[tuple[Occur, Query]]:
        day = day_number(asked)
        lower, upper = (day, None) if self.is_first else (None, day)
        return [(Occur.Must, Query.range_query(schema, self.field, FieldType.Integer, lower, upper))]

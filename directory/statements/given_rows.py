"""Rows that a statement brings along, as a table to join: the statement stays the same however many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Text, any_, cast, func, literal
from sqlalchemy.orm import InstrumentedAttribute


def given_rows(rows: Sequence[tuple[Any, ...]], types: Sequence[Any], names: Sequence[str], name: str = "given") -> Any:
    """One array a column; there must be rows."""
    columns = [literal(list(values), ARRAY(kind)) for values, kind in zip(zip(*rows, strict=True), types, strict=True)]
    return func.unnest(*columns).table_valued(*names).render_derived().alias(name)


def among(column: Column[Any] | InstrumentedAttribute[Any], keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether a key, as text, is one of these: one array however many they are, where ``in_`` spells each."""
    return column == any_(cast(literal(list(keys), ARRAY(Text())), ARRAY(column.type)))

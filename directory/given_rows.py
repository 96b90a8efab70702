"""Rows that a statement brings along, as a table to join: the statement stays the same however many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, func, literal


def given_rows(rows: Sequence[tuple[Any, ...]], types: Sequence[Any], names: Sequence[str]) -> Any:
    """One array a column; there must be rows."""
    columns = [literal(list(values), ARRAY(kind)) for values, kind in zip(zip(*rows, strict=True), types, strict=True)]
    return func.unnest(*columns).table_valued(*names).render_derived().alias("given")

"""What a text says, as SQL: a day, a number, a period. NULL where it says none, so that nothing is judged by it.

Values are read as the text they are written as, native ones too: one reading serves our count and Great Expectations'.
A moment with an offset from UTC names no day, because a database tells it in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from psycopg2 import sql

from pipelines.checks import patterns

# No number of more digits is read: what PostgreSQL's numeric cannot hold would end the check.
_MEASURE = "[+-]?[0-9]{1,30}(?:[.][0-9]{0,20})?"
# statistics/time_period by statistics/freq
PERIODS = {
    "A": "[0-9]{4}",
    "S": "[0-9]{4}-S[12]",
    "Q": "[0-9]{4}-Q[1-4]",
    "M": "[0-9]{4}-(?:0[1-9]|1[0-2])",
    "W": "[0-9]{4}-W(?:0[1-9]|[1-4][0-9]|5[0-3])",
    "D": patterns.DASHED_DATE,
}


class Value(Protocol):
    """A cell of a row (``predicates.Cell``)."""

    @property
    def text(self) -> sql.Composable: ...


@dataclass(frozen=True)
class Read:
    """The cells of a rule by the part they play in it; several may play ``part``."""

    cells: Mapping[str, tuple[Value, ...]]

    def text(self, role: str) -> sql.Composable:
        """The value as text, compared byte by byte whatever the column's collation."""
        return text(self.cells[role][0])

    def has(self, role: str) -> bool:
        """Whether the entry declares it at all."""
        return role in self.cells

    def is_given(self, role: str) -> sql.Composable:
        """There is a value, and not an empty one."""
        return sql.SQL("coalesce({}, '') <> ''").format(self.text(role))


def text(cell: Value) -> sql.Composable:
    return sql.SQL('({}) COLLATE "C"').format(cell.text)


def matches(value: sql.Composable, pattern: str) -> sql.Composable:
    """The whole value is as the pattern says; false for NULL."""
    return sql.SQL("coalesce({} ~ {}, false)").format(value, sql.Literal(patterns.anchored(pattern)))


def day(value: sql.Composable) -> sql.Composable:
    """``YYYYMMDD`` of a date, or of a time without an offset."""
    return sql.SQL("CASE WHEN {} THEN left(replace({}, '-', ''), 8) END").format(
        matches(value, patterns.LOCAL_DAY), value
    )


def number(value: sql.Composable) -> sql.Composable:
    """A plainly written number as numeric, its decimal places kept; no infinity and no NaN."""
    return sql.SQL("CASE WHEN {} THEN ({})::numeric END").format(matches(value, _MEASURE), value)


def rounding(value: sql.Composable) -> sql.Composable:
    """By how much a number may differ from what was rounded to it: half of its last decimal place."""
    return sql.SQL("0.5 * 10::numeric ^ (-scale({}))").format(value)


def month(period: sql.Composable) -> sql.Composable:
    """The first month of a year, half-year, quarter or month, counted from year 0; NULL for weeks and days."""
    one_of = "|".join(PERIODS[letter] for letter in "ASQM")
    return sql.SQL(
        "CASE WHEN {whole} THEN left({period}, 4)::int * 12 + CASE substr({period}, 6, 1)"
        " WHEN '' THEN 0 WHEN 'S' THEN 6 * right({period}, 1)::int - 6 WHEN 'Q' THEN 3 * right({period}, 1)::int - 3"
        " ELSE right({period}, 2)::int - 1 END END"
    ).format(whole=matches(period, one_of), period=period)


def months_long(period: sql.Composable) -> sql.Composable:
    """How many months such a period has."""
    return sql.SQL("CASE substr({}, 6, 1) WHEN '' THEN 12 WHEN 'S' THEN 6 WHEN 'Q' THEN 3 ELSE 1 END").format(period)

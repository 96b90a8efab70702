"""Profile of a table: its structure, and what its values are like without keeping any value.

Nothing here can be turned back into a value: shares are rounded to steps of five, counts to powers of two, numbers are
known only by how many digits they have. The rounding also keeps the digest still while rows come and go.
"""

from typing import Annotated, Literal

from pydantic import Field

from metadata.record import Record, canonical_bytes
from standards.crypto import digest_hex

TableKind = Literal["table", "view", "materialized_view", "partitioned_table", "foreign_table"]
Percent = Annotated[int, Field(ge=0, le=100)]

SHARE_STEP = 5


class CodeShare(Record):
    """How many of the values are codes of one table, in percent."""

    code_table: str
    percent: Percent


class Shares(Record):
    """How many of the values that are not NULL look like what, in percent rounded to steps of five.

    100 means every one, 0 none: what lies between is never rounded to either.
    """

    id_number: Percent = 0
    uscc: Percent = 0
    org_code: Percent = 0
    phone: Percent = 0
    date: Percent = 0
    region: Percent = 0
    person_name: Percent = 0
    org_name: Percent = 0
    address: Percent = 0


class ValueProfile(Record):
    """What a sample of one column is like. Lengths are in characters; ``distinct`` and ``sampled`` powers of two.

    ``digits`` and ``scale`` say how many digits the numbers have before and after the point.
    """

    sampled: int = Field(ge=0)
    null_percent: Percent
    distinct: int = Field(ge=0)
    min_length: int | None = None
    max_length: int | None = None
    digits: int | None = None
    scale: int | None = None
    shares: Shares = Shares()
    code_tables: tuple[CodeShare, ...] = ()


class Reference(Record):
    """The column that a foreign key points to."""

    schema_name: str
    table: str
    column: str


class ColumnProfile(Record):
    """One column. ``values`` is absent where none were looked at (an empty table, a type without words, no right)."""

    name: str
    sql_type: str
    comment: str = ""
    is_nullable: bool = True
    is_key: bool = False
    is_unique: bool = False
    references: Reference | None = None
    values: ValueProfile | None = None


class TableProfile(Record):
    """One table or view. ``row_count`` is an estimate (exact where all rows were looked at).

    ``problem`` is the code of what kept the values from being looked at; the structure is then all that is known.
    """

    schema_name: str
    table: str
    kind: TableKind
    comment: str = ""
    columns: tuple[ColumnProfile, ...]
    row_count: int | None = None
    size_bytes: int | None = None
    problem: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the profile without its volumes: changes when structure or the look of values do."""
        return digest_hex(canonical_bytes(self.model_dump(mode="json", exclude={"row_count", "size_bytes"})))

    @property
    def structure_digest(self) -> str:
        """SHA-256 of names, types, keys and comments alone."""
        columns = [each.model_dump(mode="json", exclude={"values"}) for each in self.columns]
        return digest_hex(canonical_bytes([self.schema_name, self.table, self.kind, self.comment, columns]))


def rounded_share(part: int, whole: int) -> int:
    """``part`` of ``whole`` in percent by ``SHARE_STEP``; 0 and 100 only for none and all."""
    if part <= 0 or whole <= 0:
        return 0
    if part >= whole:
        return 100
    nearest = round(100 * part / whole / SHARE_STEP) * SHARE_STEP
    return min(max(nearest, SHARE_STEP), 100 - SHARE_STEP)


def rounded_count(count: int) -> int:
    """The power of two not above ``count``; 0 stays 0, 1 stays 1."""
    return 0 if count <= 0 else 1 << (count.bit_length() - 1)

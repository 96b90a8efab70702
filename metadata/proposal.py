"""Proposal (编目建议): a draft made from a table's profile, with the reason for everything in it that was guessed."""

from typing import Literal

from pydantic import Field

from metadata.profile import TableKind
from metadata.record import Record
from metadata.resource import Resource

Confidence = Literal["certain", "likely", "possible"]


class Guess(Record):
    """One thing that was concluded, where it belongs in the record (``items[3].sensitivity``), and why.

    What is only ``possible`` is offered and not in the draft, unless ``is_applied`` says so: a record cannot do without
    a title, a name and a level of sensitivity.
    """

    path: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=500)
    confidence: Confidence
    is_applied: bool
    reason_zh: str = Field(min_length=1, max_length=500)
    reason_en: str = Field(min_length=1, max_length=500)


class Proposal(Record):
    """What a node proposes for one table; signed by the node as ``proposal/1``.

    The draft's provider is the node's department by its code; the directory puts in the name that it knows. Its one
    mount is the table with every column's type as PostgreSQL spells it. ``problem`` is the code of what kept the values
    from being looked at.
    """

    node_id: str
    org_code: str
    schema_name: str
    table: str
    kind: TableKind
    profile_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    structure_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    row_count: int | None = Field(default=None, ge=0)
    size_bytes: int | None = Field(default=None, ge=0)
    problem: str = ""
    draft: Resource
    guesses: tuple[Guess, ...] = ()

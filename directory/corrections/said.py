"""What somebody says when raising a correction, and with a step of it."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[str, Field(max_length=2000)]


class NewCorrection(BaseModel):
    """What is wrong. ``items`` are fields of the entry, none for all of it.

    ``record_keys`` names the records for the parties alone; nobody has to type a value. ``record_count`` is about how
    many there are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource: Annotated[str, Field(min_length=3, max_length=100)]
    items: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=2000)] = ()
    words: Annotated[str, Field(min_length=1, max_length=2000)]
    record_keys: Words = ""
    record_count: Annotated[int, Field(ge=1, le=2_000_000_000, strict=True)] | None = None


class Said(BaseModel):
    """``corrected_from_on`` and ``corrected_from_batch`` come with ``corrected``, ``to_org`` with ``forwarded``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comment: Words = ""
    corrected_from_on: date | None = None
    corrected_from_batch: Annotated[int, Field(ge=1, le=2_000_000_000, strict=True)] | None = None
    to_org: Annotated[str, Field(max_length=32)] = ""


NOTHING = Said()

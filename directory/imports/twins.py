"""Entries of nearly the same title: within the department perhaps one thing twice, elsewhere two sources (一数一源).

Two titles are nearly the same by the database's function ``plain_title``: case, width, blanks and punctuation aside.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.organisations.models import Organisation
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to
from directory.resources.states import HIDDEN

_AT_ONCE = 1_000


class Twin(NamedTuple):
    """An entry of nearly the same title, and the department it is of."""

    resource_id: UUID
    title: str
    org_code: str
    org_name: str


def twins(session: Session, actor: Actor, titles: Iterable[str]) -> Mapping[str, tuple[Twin, ...]]:
    """Living entries that this actor sees, by the title of the file that they nearly have; none without."""
    wanted = sorted(set(titles))
    found: dict[str, list[Twin]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = cast(wanted[start : start + _AT_ONCE], ARRAY(String))
        asked = func.unnest(part).table_valued("title").render_derived(name="asked")
        rows = session.execute(
            select(asked.c.title, ResourceEntry.id, ResourceEntry.title, Organisation.code, Organisation.name)
            .join(ResourceEntry, func.plain_title(ResourceEntry.title) == func.plain_title(asked.c.title))
            .join(Organisation, Organisation.code == ResourceEntry.org_code)
            .where(visible_to(actor), ResourceEntry.status.not_in(HIDDEN))
            .order_by(Organisation.name, ResourceEntry.title)
        )
        for title, *twin in rows:
            found.setdefault(title, []).append(Twin(*twin))
    return {title: tuple(each) for title, each in found.items()}

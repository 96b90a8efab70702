"""A change as people read it: what it changes, aspect by aspect, before and after, and whether consent covers it."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.changing import asked_scope, change_of, given, granted_scope, replaced_by
from directory.access.filter_words import filter_words
from directory.access.grants import granted, grants_of
from directory.access.models import RequestRow
from directory.access.reply import agreed_text
from directory.errors import DirectoryError
from directory.resources.models import ResourceEntry
from directory.resources.queries import published_record
from directory.web.labels import FREQUENCIES, METHODS
from metadata.access import Grant
from metadata.resource import Resource
from metadata.scope_change import ASPECT_NAMES, Aspect, Scope, ScopeChange, is_within, scope_changes


class ChangeLine(BaseModel):
    """One aspect that changes; ``direction`` says whether to less or to more than was given."""

    model_config = ConfigDict(frozen=True)

    aspect: Aspect
    name: str
    direction: Literal["less", "more"]
    before: str
    after: str


class ChangeView(BaseModel):
    """Which use a change takes the place of, and why; ``is_within``: the consent once given covers it (Art. 25)."""

    model_config = ConfigDict(frozen=True)

    replaces: UUID
    reason: str
    is_within: bool
    lines: tuple[ChangeLine, ...]


def change_view(session: Session, row: RequestRow) -> ChangeView | None:
    """What a request of change changes; None for any other. No lines where what is asked cannot be given any more."""
    change = change_of(session, row)
    if change is None:
        return None
    old = given(session, replaced_by(session, row))
    new, names = _asked(session, row)
    changes = scope_changes(old, new) if new else ()
    return ChangeView(
        replaces=replaced_by(session, row).id,
        reason=change.reason,
        is_within=bool(changes) and is_within(changes),
        lines=tuple(_line(each, old, new, names) for each in changes) if new else (),
    )


def _asked(session: Session, row: RequestRow) -> tuple[Scope | None, Mapping[str, str]]:
    """What is asked for, and what the items of before and after are called."""
    names = {item.field: item.name for grant in _grants(session, row) for item in grant.items}
    own = granted_scope(session, row)
    if own is not None:
        return own, names
    try:
        resource: Resource = published_record(session, session.get_one(ResourceEntry, row.resource_id))
        names |= {item.field: item.name for item in resource.items}
        return asked_scope(agreed_text(session, row), resource), names
    except DirectoryError:
        return None, names


def _grants(session: Session, row: RequestRow) -> Sequence[Grant]:
    both = [*grants_of(session, replaced_by(session, row)), *grants_of(session, row)]
    return [granted(each) for each in both]


def _line(change: ScopeChange, old: Scope, new: Scope, names: Mapping[str, str]) -> ChangeLine:
    before, after = _words(change, old, names), _words(change, new, names)
    if change.fields:
        fields = "、".join(names.get(field, field) for field in change.fields)
        is_more = change.direction == "more"
        before, after = ("", fields) if is_more and change.aspect == "items" else (fields, "")
        if change.aspect == "source":
            before, after = fields, "改由目录现行版本挂接的库表提供"
    return ChangeLine(
        aspect=change.aspect,
        name=ASPECT_NAMES[change.aspect],
        direction=change.direction,
        before=before,
        after=after,
    )


def _words(change: ScopeChange, scope: Scope, names: Mapping[str, str]) -> str:
    words = {
        "rows": filter_words(scope.row_filter, names),
        "purpose": scope.purpose,
        "basis": scope.basis,
        "method": METHODS.get(scope.method, scope.method),
        "frequency": FREQUENCIES[scope.frequency],
        "term": f"至 {scope.valid_until.isoformat()}",
    }
    return words.get(change.aspect, "")

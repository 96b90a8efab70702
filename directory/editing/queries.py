"""Look up what the pages of cataloguing list: entries by where they stand, with what each lacks for publication."""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from directory.actors import Actor
from directory.organisations.models import Organisation
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.resources.queries import visible_to
from metadata.rules import lacks
from standards.findings import Finding, errors

TABS: Final[Mapping[str, str]] = {
    "draft": "草稿",
    "returned": "退回待改",
    "ready": "待部门审",
    "head_approved": "待提交",
    "submitted": "已提交",
    "reviewed": "已审核",
    "published": "已发布",
    "suspended": "已暂停",
    "withdrawn": "已撤销",
}
"""The lists that entries fall into, each in one. Three are of drafts: told apart there is whose turn it is."""

OF_DRAFTS: Final = frozenset({"draft", "returned", "ready"})
PAGE_ROWS: Final = 50

_DECISIVE = ("return", "head_approve")
_KEPT_COUNT = 100_000
_AT_ONCE = 500
_complete: OrderedDict[tuple[UUID, int], bool] = OrderedDict()
"""Whether a version lacks nothing. A version never changes, so this is forgotten only to make room."""


@dataclass(frozen=True)
class Line:
    """An entry in a list, what keeps it from being published, and why it was returned last."""

    entry: ResourceEntry
    provider_name: str
    lacking: Sequence[Finding]
    returned_for: str


@dataclass(frozen=True)
class Listing:
    """How many entries each list has, and a page of the chosen one; ``total`` is that list's number."""

    counts: Mapping[str, int]
    lines: Sequence[Line]
    total: int
    first: int


def listing(session: Session, actor: Actor, org_code: str | None, tab: str, words: str, page: int) -> Listing:
    """The lists of one department, or of all (where drafts are one list: whose turn it is there is not the office's).

    ``words`` narrows all of them: each must stand in title, identifier or code.
    """
    condition = and_(visible_to(actor), *(_has(word) for word in words.split()))
    if org_code is not None:
        condition = and_(condition, ResourceEntry.org_code == org_code)
    by_status = session.execute(
        select(ResourceEntry.status, func.count()).where(condition).group_by(ResourceEntry.status)
    )
    counts = {tab: 0 for tab in TABS if org_code is not None or tab not in OF_DRAFTS - {"draft"}}
    counts |= {status: count for status, count in by_status if status in TABS}
    chosen = and_(condition, ResourceEntry.status == ("draft" if tab in OF_DRAFTS else tab))
    if org_code is not None:
        places = _draft_places(session, condition)
        counts |= dict.fromkeys(OF_DRAFTS, 0) | Counter(places.values())
        if tab in OF_DRAFTS:
            chosen = ResourceEntry.id.in_([entry_id for entry_id, place in places.items() if place == tab])
    total = counts.get(tab, 0)
    first = min(max(page - 1, 0) * PAGE_ROWS, max(total - 1, 0) // PAGE_ROWS * PAGE_ROWS)
    return Listing(counts, _lines(session, chosen, first), total, first)


def find_by_source(session: Session, org_code: str, source_key: str) -> ResourceEntry | None:
    """The entry that this form has made already."""
    return session.scalar(
        select(ResourceEntry).where(ResourceEntry.org_code == org_code, ResourceEntry.source_key == source_key)
    )


def version_worked_on(session: Session, entry: ResourceEntry) -> ResourceVersion:
    """The newest version, with its author."""
    return session.get_one(ResourceVersion, (entry.id, entry.current_version))


def returned_version(session: Session, entry: ResourceEntry) -> int:
    """The version that the last return was about; the one worked on where there was none."""
    query = (
        select(ResourceStep.version)
        .where(ResourceStep.resource_id == entry.id, ResourceStep.step == "return")
        .order_by(ResourceStep.seq.desc())
        .limit(1)
    )
    return session.scalar(query) or entry.current_version


def _has(word: str) -> ColumnElement[bool]:
    return or_(
        *(
            column.icontains(word, autoescape=True)
            for column in (ResourceEntry.title, ResourceEntry.identifier, ResourceEntry.code)
        )
    )


def _draft_places(session: Session, condition: ColumnElement[bool]) -> Mapping[UUID, str]:
    """Which list each draft belongs to: returned until it is whole again and somebody wrote after the return."""
    earlier = aliased(ResourceStep)
    decisive = (
        select(func.max(earlier.seq))
        .where(earlier.resource_id == ResourceEntry.id, earlier.step.in_(_DECISIVE))
        .correlate(ResourceEntry)
        .scalar_subquery()
    )
    query = (
        select(
            ResourceEntry.id, ResourceEntry.current_version, ResourceEntry.step_seq, ResourceStep.seq, ResourceStep.step
        )
        .outerjoin(ResourceStep, and_(ResourceStep.resource_id == ResourceEntry.id, ResourceStep.seq == decisive))
        .where(condition, ResourceEntry.status == "draft")
    )
    rows = session.execute(query).all()
    complete = _completeness(session, [(row[0], row[1]) for row in rows])
    places = {}
    for entry_id, version, last, decided, step in rows:
        is_returned = step == "return" and (last == decided or not complete[entry_id, version])
        places[entry_id] = "returned" if is_returned else "ready" if complete[entry_id, version] else "draft"
    return places


def _completeness(session: Session, versions: Sequence[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], bool]:
    known = {each: _complete[each] for each in versions if each in _complete}
    missing = [each for each in versions if each not in known]
    for start in range(0, len(missing), _AT_ONCE):
        key = tuple_(ResourceVersion.resource_id, ResourceVersion.version)
        for version in session.scalars(select(ResourceVersion).where(key.in_(missing[start : start + _AT_ONCE]))):
            known[version.resource_id, version.version] = not errors(lacks(version.record))
            session.expunge(version)
    _complete.update((each, known[each]) for each in missing)
    while len(_complete) > _KEPT_COUNT:
        _complete.popitem(last=False)
    return known


def _lines(session: Session, condition: ColumnElement[bool], first: int) -> Sequence[Line]:
    query = (
        select(ResourceEntry, Organisation.name, ResourceVersion)
        .join(Organisation, Organisation.code == ResourceEntry.org_code)
        .join(
            ResourceVersion,
            and_(
                ResourceVersion.resource_id == ResourceEntry.id,
                ResourceVersion.version == ResourceEntry.current_version,
            ),
        )
        .where(condition)
        .order_by(ResourceEntry.updated_on.desc(), ResourceEntry.title, ResourceEntry.id)
        .offset(first)
        .limit(PAGE_ROWS)
    )
    found = session.execute(query).all()
    reasons = _return_reasons(session, [entry.id for entry, _, _ in found if entry.status == "draft"])
    return [
        Line(
            entry,
            name,
            errors(lacks(version.record)) if entry.published_version != entry.current_version else (),
            reasons.get(entry.id, ""),
        )
        for entry, name, version in found
    ]


def _return_reasons(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The comment of the last return, of drafts that nobody has approved since."""
    query = (
        select(ResourceStep.resource_id, ResourceStep.step, ResourceStep.comment)
        .where(ResourceStep.resource_id.in_(ids), ResourceStep.step.in_(_DECISIVE))
        .order_by(ResourceStep.resource_id, ResourceStep.seq)
    )
    last = {resource_id: (step, comment) for resource_id, step, comment in session.execute(query)}
    return {each: comment or "见各字段的意见" for each, (step, comment) in last.items() if step == "return"}

"""Work a month out from history: steps, versions, stopped terms and receipts, none of which ever changes.

Nothing that moves is read, such as the present state of an entry or a request. So a month that is over comes out the
same whenever it is worked out, but for whose it is (an entry counts for the department it belongs to when counted) and
for the last day of a term that still ran (an extension or a year's holidays may move it), which is why months are kept
once they are over (``keep``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from directory.access.grant_models import RouteRow
from directory.access.models import RequestClock, RequestRow, RequestStep
from directory.access.reply import REPLY_RULES
from directory.backflow.models import BackflowRequest
from directory.clock.deadlines import day_of
from directory.matters.models import Matter, MatterTerm
from directory.nodes.models import Node, ReceiptRow
from directory.rates.measure import SHAREABLE
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.resources.states import HIDDEN
from directory.statistics.definitions import NOBODY, Month
from directory.uses.models import UseRecord

Numbers = Mapping[str, int]
Counted = Select[*tuple[Any, ...]]
"""A department's code and a number, a row each."""
_PROVIDE: Final = "provided"


def count(session: Session, month: Month, now: datetime | None = None) -> Mapping[str, Numbers]:
    """Every department's numbers of a month, by its code; departments of which there is nothing to count are absent.

    Of a month that is not over: what has happened so far, and how it stands ``now``.
    """
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict(NOBODY))
    for name, query in _queries(month, month.ends_at if now is None else min(now, month.ends_at)):
        for org_code, number in session.execute(query):
            if number:
                found[org_code][name] += number
    return dict(found)


def _queries(month: Month, at: datetime) -> Iterable[tuple[str, Counted]]:
    yield from _entries(month)
    yield from _terms(month)
    yield from _overdue(at)
    first_sent = _first_step(month, "submitted")
    yield "received", _requests(RequestRow.provider_org, first_sent)
    yield "asked", _requests(RequestRow.requester_org, first_sent)
    yield "taken_up", _requests(RequestRow.requester_org, _first_step(month, "active"))
    refused = (
        select(RequestRow.provider_org, func.count())
        .join(RequestStep, RequestStep.request_id == RequestRow.id)
        .where(RequestStep.act == "refused", _within(RequestStep.decided_at, month))
    )
    yield "refused", refused.group_by(RequestRow.provider_org)
    yield from _batches(month)
    records = select(UseRecord.org_code, func.count()).where(
        UseRecord.corrects.is_(None), _within(UseRecord.recorded_at, month)
    )
    yield "use_recorded", records.group_by(UseRecord.org_code)


def _entries(month: Month) -> Iterable[tuple[str, Counted]]:
    """Entries as their steps up to the end of the month left them."""
    before = ResourceStep.decided_at < month.ends_at
    last = (
        select(
            ResourceStep.resource_id,
            func.max(ResourceStep.seq).label("seq"),
            func.max(case((ResourceStep.step == "publish", ResourceStep.version))).label("version"),
            func.min(case((ResourceStep.step == "publish", ResourceStep.decided_at))).label("first_at"),
        )
        .where(before)
        .group_by(ResourceStep.resource_id)
        .subquery()
    )
    at_end = aliased(ResourceStep)
    standing = (
        select(ResourceEntry.org_code, func.count())
        .join(last, last.c.resource_id == ResourceEntry.id)
        .join(at_end, and_(at_end.resource_id == last.c.resource_id, at_end.seq == last.c.seq))
        .group_by(ResourceEntry.org_code)
    )
    is_seen = and_(last.c.version.is_not(None), at_end.status.not_in(HIDDEN))
    version = and_(ResourceVersion.resource_id == ResourceEntry.id, ResourceVersion.version == last.c.version)
    shared = literal_column("resource_version.record #>> '{sharing,share_type}'").in_(sorted(SHAREABLE))
    mounts = literal_column("jsonb_array_length(resource_version.record -> 'mounts')", Integer)
    yield "catalogued", standing.where(at_end.status != "withdrawn")
    yield "published", standing.where(is_seen)
    shareable = standing.join(ResourceVersion, version).where(is_seen, shared)
    yield "shareable", shareable
    yield "mounted", shareable.where(mounts > 0)
    yield "first_published", standing.where(_within(last.c.first_at, month))


def _terms(month: Month) -> Iterable[tuple[str, Counted]]:
    """Terms that were stopped in the month by an answer or by rows."""
    stopped_on = cast(func.timezone("Asia/Shanghai", RequestClock.stopped_at), Date)
    stopped = (
        select(RequestRow.provider_org, func.count())
        .join(RequestClock, RequestClock.request_id == RequestRow.id)
        .where(_within(RequestClock.stopped_at, month))
        .group_by(RequestRow.provider_org)
    )
    goes_back = _goes_back()
    of_outcome = {outcome: RequestClock.outcome == outcome for outcome in ("answered", _PROVIDE)}
    counted = {outcome: and_(condition, ~goes_back) for outcome, condition in of_outcome.items()}
    counted["returned"] = and_(or_(*of_outcome.values()), goes_back)
    for name, condition in counted.items():
        of = stopped.where(condition)
        yield f"{name}_in_time", of.where(stopped_on <= RequestClock.due_on)
        yield f"{name}_late", of.where(stopped_on > RequestClock.due_on)
    answered_on = cast(func.timezone("Asia/Shanghai", MatterTerm.stopped_at), Date)
    corrections = (
        select(Matter.to_org, func.count())
        .join(MatterTerm, MatterTerm.matter_id == Matter.id)
        .where(Matter.kind == "correction", MatterTerm.outcome == "answered", _within(MatterTerm.stopped_at, month))
        .group_by(Matter.to_org)
    )
    yield "corrections_in_time", corrections.where(answered_on <= MatterTerm.due_on)
    yield "corrections_late", corrections.where(answered_on > MatterTerm.due_on)


def _overdue(at: datetime) -> Iterable[tuple[str, Counted]]:
    """Terms that ran on past their last day: whoever never answers is not counted as who always does in time."""
    running = (
        select(RequestRow.provider_org, func.count())
        .join(RequestClock, RequestClock.request_id == RequestRow.id)
        .where(
            RequestClock.started_at < at,
            or_(RequestClock.stopped_at.is_(None), RequestClock.stopped_at >= at),
            RequestClock.due_on < day_of(at),
        )
        .group_by(RequestRow.provider_org)
    )
    yield "unanswered", running.where(RequestClock.rule_id.in_(REPLY_RULES.values()), ~_goes_back())
    yield "unprovided", running.where(RequestClock.rule_id == "PROVIDE", ~_goes_back())
    yield "unreturned", running.where(_goes_back())


def _goes_back() -> ColumnElement[bool]:
    return exists().where(BackflowRequest.request_id == RequestRow.id)


def _first_step(month: Month, act: str) -> ColumnElement[bool]:
    """The requests that were first this far in the month."""
    first = select(RequestStep.request_id).where(RequestStep.act == act).group_by(RequestStep.request_id)
    return RequestRow.id.in_(first.having(_within(func.min(RequestStep.decided_at), month)))


def _requests(side: SQLColumnExpression[str], which: ColumnElement[bool]) -> Counted:
    return select(side, func.count()).select_from(RequestRow).where(which).group_by(side)


def _batches(month: Month) -> Iterable[tuple[str, Counted]]:
    """Batches that the consumer's node said it has applied, each once, for whom the route is granted."""
    first = (
        select(ReceiptRow.route_id, ReceiptRow.seq, func.min(ReceiptRow.received_at).label("at"))
        .where(ReceiptRow.kind == "applied")
        .group_by(ReceiptRow.route_id, ReceiptRow.seq)
        .subquery()
    )
    for name, end in (("delivered", RouteRow.provider_node), ("arrived", RouteRow.consumer_node)):
        query = (
            select(Node.org_code, func.count())
            .join(RouteRow, end == Node.node_id)
            .join(first, first.c.route_id == RouteRow.route_id)
            .where(_within(first.c.at, month))
        )
        yield name, query.group_by(Node.org_code)


def _within(at: SQLColumnExpression[Any], month: Month) -> ColumnElement[bool]:
    return and_(at >= month.begins_at, at < month.ends_at)

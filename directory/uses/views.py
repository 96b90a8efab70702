"""What a use and its records look like from outside: one shape for the API, the pages and the files."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.grants import granted, grants_of
from directory.access.models import RequestRow
from directory.access.names import STATE_NAMES
from directory.access.reply_models import DisposalCertificate
from directory.access.said import Disposal
from directory.access.states import Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Calendar, Light, day_of
from directory.clock.queries import calendar
from directory.limits import LIMITS
from directory.organisations.queries import organisation
from directory.policy import allows
from directory.uses import queries
from directory.uses.models import UseRecord
from directory.uses.moments import MONTHS, Moment, Occasion, later, moments
from directory.uses.queries import Use
from directory.uses.record import PART_NAMES, default_days

ItemUse = Literal["used", "unused", "unsaid"]
ITEM_USES: Final[Mapping[ItemUse, str]] = {"used": "用到", "unused": "说明没有用到", "unsaid": "还没有说明"}
_GRAVITY: Final[Mapping[Light, int]] = {"green": 0, "amber": 1, "red": 2}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class MomentView(_View):
    """A time that a record has to speak of, by when, and whether one does (``kept``, ``asked``, ``late``)."""

    occasion: Occasion
    name: str
    begins_on: date
    ends_on: date
    due_on: date
    state: Literal["kept", "asked", "late"]
    light: Light


class RecordView(_View):
    """One record as it was written; ``corrected_by`` is the later one that took its place."""

    seq: int
    occasion: Occasion
    occasion_name: str
    covers_from: date
    covers_until: date
    scenario: str
    process: str
    effect: str
    storage: str
    disposal: str
    items_used: tuple[str, ...] | None
    corrects: int | None
    correction: str
    corrected_by: int | None
    recorded_by: str
    organisation: str
    recorded_at: datetime
    kept_until: date


class ItemView(_View):
    """A granted item, and what the records that stand say of it."""

    field: str
    name: str
    use: ItemUse


class UseLine(_View):
    """A use in a list: how many records it has, how many are missing (``late``) or asked for, the gravest light."""

    request_id: UUID
    resource_id: UUID
    resource_title: str
    requester_org: str
    requester_name: str
    provider_org: str
    provider_name: str
    state: State
    state_name: str
    began_on: date
    ended_on: date | None
    record_count: int
    late_count: int
    asked_count: int
    due_on: date | None
    light: Light


class UseView(UseLine):
    """A use whole. ``may_record`` says whether the reader may; ``next`` is the occasion asked for first, if any."""

    moments: tuple[MomentView, ...]
    records: tuple[RecordView, ...]
    items: tuple[ItemView, ...]
    certificate: Disposal | None
    kept_years: int
    may_record: bool
    next: Occasion
    next_from: date
    next_until: date


class Asked(_View):
    """A record that is asked of a department: of which use, about which days, by when."""

    request_id: UUID
    resource_title: str
    provider_name: str
    occasion: Occasion
    name: str
    begins_on: date
    ends_on: date
    due_on: date
    light: Light


def lines(session: Session, found: Sequence[Use], today: date) -> list[UseLine]:
    """Uses as lines of a list, in the order given."""
    days = calendar(session)
    return [UseLine.model_validate(_line(session, each, _moments(each, today, days))) for each in found]


def line(session: Session, actor: Actor, row: RequestRow, today: date) -> UseLine | None:
    """A request's use as a line; None before data arrived, and for whoever sees no records."""
    if row.arrived_at is None or not allows(actor, Action.USE_READ, None):
        return None
    return lines(session, [queries.use(session, actor, row.id)], today)[0]


def of_entry(session: Session, actor: Actor, resource_id: UUID, today: date) -> Sequence[UseLine]:
    """The uses of an entry that this actor sees."""
    return lines(session, queries.uses(session, actor, resource_id=resource_id), today)


def view(session: Session, actor: Actor, request_id: UUID, today: date) -> UseView:
    """One use with all its records; raises as ``queries.use``."""
    found = queries.use(session, actor, request_id)
    asked = _moments(found, today, calendar(session))
    open_ones = [each for each in asked if each.state != "kept"]
    fallback = Occasion.END if found.life.owes_end else Occasion.PERIOD
    occasion = open_ones[0].occasion if open_ones else fallback
    begins_on, ends_on = default_days(found, occasion, today)
    kept = session.get(DisposalCertificate, found.row.id)
    certificate = (
        Disposal.model_validate({name: getattr(kept, name) for name in Disposal.model_fields}) if kept else None
    )
    return UseView.model_validate(
        {
            **_line(session, found, asked),
            "moments": tuple(map(_moment, asked)),
            "records": records(found),
            "items": items(session, found),
            "certificate": certificate,
            "kept_years": queries.kept_years(),
            "may_record": allows(actor, Action.USE_RECORD, found.row.requester_org),
            "next": occasion,
            "next_from": begins_on,
            "next_until": ends_on,
        }
    )


def asked_of(session: Session, actor: Actor, today: date, most: int = LIMITS.page_count) -> tuple[int, Sequence[Asked]]:
    """The records asked of the actor's department where they are a clerk: how many, and at most so many, by due day.

    Where the actor records nothing there is none.
    """
    if not allows(actor, Action.REQUEST_CREATE, actor.org_code):
        return 0, []
    total, found = queries.asked_now(session, actor.org_code, today, most)
    if not found:
        return total, []
    days = calendar(session)
    asked = [_asked(session, each, _moments(each, today, days)) for each in found]
    return total, sorted(asked, key=lambda each: (each.due_on, str(each.request_id)))


def records(found: Use) -> tuple[RecordView, ...]:
    """All records, oldest first."""
    replaced = {each.corrects: each.seq for each in found.records if each.corrects is not None}
    return tuple(_record(each, replaced.get(each.seq)) for each in found.records)


def items(session: Session, found: Use) -> tuple[ItemView, ...]:
    """Every granted item in the grants' order, with what the standing records say of it."""
    names = item_names(session, found)
    return tuple(ItemView(field=field, name=name, use=item_use(found, field)) for field, name in names.items())


def item_names(session: Session, found: Use) -> Mapping[str, str]:
    """What each granted item is called, by its field."""
    return {item.field: item.name for grant in grants_of(session, found.row) for item in granted(grant).items}


def item_use(found: Use, field: str) -> ItemUse:
    """Used, if a standing record says so; unused, if some speak of items and none names it; else nobody has said."""
    told = [each.items_used for each in found.standing if each.items_used is not None]
    return "used" if any(field in each for each in told) else "unused" if told else "unsaid"


def _moments(found: Use, today: date, days: Calendar) -> tuple[Moment, ...]:
    return moments(found.life, found.spans, today, days, queries.rules())


def _line(session: Session, found: Use, asked: Sequence[Moment]) -> Mapping[str, object]:
    row, open_ones = found.row, [each for each in asked if each.state != "kept"]
    return {
        "request_id": row.id,
        "resource_id": row.resource_id,
        "resource_title": row.resource_title,
        "requester_org": row.requester_org,
        "requester_name": organisation(session, row.requester_org).name,
        "provider_org": row.provider_org,
        "provider_name": organisation(session, row.provider_org).name,
        "state": State(row.state),
        "state_name": STATE_NAMES[State(row.state), Stage(row.stage)],
        "began_on": found.life.began_on,
        "ended_on": found.life.ended_on,
        "record_count": len(found.records),
        "late_count": sum(each.state == "late" for each in open_ones),
        "asked_count": sum(each.state == "asked" for each in open_ones),
        "due_on": min((each.term.due_on for each in open_ones), default=None),
        "light": max((each.light for each in open_ones), key=_GRAVITY.__getitem__, default="green"),
    }


def _moment(each: Moment) -> MomentView:
    return MomentView(
        occasion=each.occasion,
        name=each.rule.name,
        begins_on=each.begins_on,
        ends_on=each.ends_on,
        due_on=each.term.due_on,
        state=each.state,
        light=each.light,
    )


def _record(each: UseRecord, corrected_by: int | None) -> RecordView:
    recorded_on = day_of(each.recorded_at)
    return RecordView(
        seq=each.seq,
        occasion=Occasion(each.occasion),
        occasion_name=queries.rules()[Occasion(each.occasion)].name,
        covers_from=each.covers_from,
        covers_until=each.covers_until,
        items_used=None if each.items_used is None else tuple(each.items_used),
        corrects=each.corrects,
        correction=each.correction,
        corrected_by=corrected_by,
        recorded_by=each.recorder_name,
        organisation=each.org_name,
        recorded_at=each.recorded_at,
        kept_until=later(recorded_on, MONTHS * queries.kept_years()),
        **{name: getattr(each, name) for name in PART_NAMES},
    )


def _asked(session: Session, found: Use, asked: Sequence[Moment]) -> Asked:
    """The last moment nobody has answered: that is the one a person is reminded of."""
    latest = [each for each in asked if each.state != "kept"][-1]
    return Asked(
        request_id=found.row.id,
        resource_title=found.row.resource_title,
        provider_name=organisation(session, found.row.provider_org).name,
        occasion=latest.occasion,
        name=latest.rule.name,
        begins_on=latest.begins_on,
        ends_on=latest.ends_on,
        due_on=latest.term.due_on,
        light=latest.light,
    )

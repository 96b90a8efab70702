"""Remind of what has come: computed from the terms as they stand, each once, however often it runs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Integer, Text, and_, exists, func, literal, not_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased, sessionmaker

from directory.access.expiry import LIVE
from directory.access.grant_models import GrantRow
from directory.access.models import RequestClock, RequestRow
from directory.access.moves import waits_for
from directory.access.states import Party, Stage, State
from directory.access.steps import reach
from directory.clock.deadlines import Calendar, Due, day_of
from directory.clock.queries import calendar
from directory.notices.tell import To, tell
from directory.process.beside import Beside, in_transaction
from directory.reminders import of_lists, of_matters, of_uses
from directory.reminders.models import Reminded, ReminderRuleRow
from directory.reminders.rules import Come, ReminderRule, come
from directory.reminders.source import OtherTerm, Reached, Source, come_of
from directory.roles import Role
from directory.statements.given_rows import given_rows

AT_ONCE: Final = 2000
"""Terms in one transaction; more are left for the next."""
FEW: Final = 20
"""So many reminders of one kind somebody is told one by one at once; more in one sentence."""
_EVERY_SECONDS: Final = 60.0
_LOCK: Final = 0x687574726D64  # "hutrmd": one process reminds at a time
SOURCES: Final[tuple[Source, ...]] = (*of_uses.SOURCES, *of_matters.SOURCES, *of_lists.SOURCES)
"""What else than requests and their uses has terms, or waits."""
_SERVED_BY_LEAD: Final = frozenset({Party.PROVIDER_NODE, Party.CONSUMER_NODE})


@dataclass(frozen=True)
class Matter:
    """A term of a request that somebody is to be reminded of: ``seq`` is 0 for its term of use."""

    row: RequestRow
    seq: int
    due_on: date
    come: Come


def remind(session: Session, now: datetime) -> int:
    """Tell of what has come by now and was not told, at most ``AT_ONCE`` terms; how many terms there were.

    Another process at it leaves nothing to do: 0.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    today, days, every = day_of(now), calendar(session), rules_on(session)
    rules = [rule for rule in every if rule.subject == "request"]
    found = [*_running(session, rules, today, days), *_expiring(session, rules, today, days)]
    told: dict[tuple[str, To], list[Matter]] = defaultdict(list)
    for matter, rule in _new(session, found, now):
        for to in _audience(matter, rule):
            told[_kind(rule), to].append(matter)
    for (kind, to), matters in told.items():
        _tell(session, kind, to, matters, now)
    others = 0
    for source in SOURCES:
        own = [rule for rule in every if rule.subject == source.subject]
        terms = come_of(session, source, own, today, days, AT_ONCE)
        _remind_of(session, source, terms, now)
        others += len(terms)
    return len(found) + others


def rules_on(session: Session) -> list[ReminderRule]:
    """The rules that are switched on."""
    rows = session.scalars(select(ReminderRuleRow).where(ReminderRuleRow.is_on).order_by(ReminderRuleRow.rule_id))
    return [
        ReminderRule(row.rule_id, row.moment, row.days, row.audience, row.subject)  # type: ignore[arg-type]
        for row in rows
    ]


def _running(session: Session, rules: Iterable[ReminderRule], today: date, days: Calendar) -> list[Matter]:
    """Terms that run; what has come is worked out once for each different term, not once for each request."""
    rules = [rule for rule in rules if rule.moment != "expiring"]
    terms = select(RequestRow.counted_from, RequestRow.limit_days, RequestRow.due_on)
    different = session.execute(terms.where(RequestRow.due_on.is_not(None)).distinct())
    by_term = {
        (received_on, limit_days, due_on): come(rules, Due(received_on, limit_days, due_on), today, days)
        for received_on, limit_days, due_on in different
        if received_on is not None and limit_days is not None and due_on is not None
    }
    asked = [(*term, rule.rule_id) for term, found in by_term.items() for rule in found.latest]
    if not asked:
        return []
    wanted = given_rows(asked, (Date(), Integer(), Date(), Text()), ("counted_from", "limit_days", "due_on", "rule_id"))
    query = (
        select(RequestRow, RequestClock.seq)
        .join(RequestClock, and_(RequestClock.request_id == RequestRow.id, RequestClock.stopped_at.is_(None)))
        .where(
            exists()
            .where(
                wanted.c.counted_from == RequestRow.counted_from,
                wanted.c.limit_days == RequestRow.limit_days,
                wanted.c.due_on == RequestRow.due_on,
                not_(_was(RequestRow.id, RequestClock.seq, wanted.c.rule_id, RequestRow.due_on)),
            )
            .correlate(RequestRow, RequestClock)
        )
        .order_by(RequestRow.due_on, RequestRow.id)
        .limit(AT_ONCE)
    )
    return [
        Matter(row, seq, row.due_on, by_term[row.counted_from, row.limit_days, row.due_on])
        for row, seq in session.execute(query)
        if row.counted_from is not None and row.limit_days is not None and row.due_on is not None
    ]


def _expiring(session: Session, rules: Iterable[ReminderRule], today: date, days: Calendar) -> list[Matter]:
    """Uses whose last day is near and which no later request goes on from yet."""
    rules = [rule for rule in rules if rule.moment == "expiring"]
    if not rules:
        return []
    last = today + timedelta(days=max(rule.days for rule in rules))
    different = select(GrantRow.valid_until).where(GrantRow.valid_until.between(today, last)).distinct()
    by_day = {day: come(rules, Due(day, 1, day), today, days) for day in session.scalars(different)}
    asked = [(day, rule.rule_id) for day, found in by_day.items() for rule in found.latest]
    if not asked:
        return []
    wanted = given_rows(asked, (Date(), Text()), ("day", "rule_id"))
    later = aliased(RequestRow)
    is_renewed = exists().where(later.renews == RequestRow.id, later.submitted_at.is_not(None)).correlate(RequestRow)
    query = (
        select(RequestRow, GrantRow.valid_until)
        .join(GrantRow, GrantRow.request_id == RequestRow.id)
        .join(wanted, wanted.c.day == GrantRow.valid_until)
        .where(RequestRow.state.in_(LIVE), ~is_renewed)
        .where(not_(_was(RequestRow.id, literal(0), wanted.c.rule_id, GrantRow.valid_until)))
        .order_by(GrantRow.valid_until, RequestRow.id)
        .limit(AT_ONCE)
        .distinct()
    )
    return [Matter(row, 0, day, by_day[day]) for row, day in session.execute(query)]


def _was(about: Any, seq: Any, rule_id: Any, due_on: Any) -> Any:
    """Whether this was reminded of already."""
    return (
        exists()
        .where(Reminded.about == about, Reminded.seq == seq, Reminded.rule_id == rule_id, Reminded.due_on == due_on)
        .correlate_except(Reminded)
    )


def _new(session: Session, found: Sequence[Matter], now: datetime) -> list[tuple[Matter, ReminderRule]]:
    """Note all that has come, and return of it what is to be told: the latest, where it was not noted before."""
    keys = [(each.row.id, each.seq, rule.rule_id, each.due_on) for each in found for rule in each.come.every]
    noted = _note(session, keys, now)
    return [
        (each, rule) for each in found for rule in each.come.latest if (each.row.id, each.seq, rule.rule_id) in noted
    ]


def _audience(matter: Matter, rule: ReminderRule) -> list[To]:
    """Whoever has to act; the head of their department; or those who asked."""
    row = matter.row
    if rule.audience == "asker":
        parties = [Party.CREATOR, Party.REQUESTER_LEAD] if rule.moment == "expiring" else [Party.CREATOR]
        return [reach(row, party) for party in parties]
    acting = waits_for(State(row.state), Stage(row.stage)) or {Party.PROVIDER_LEAD}
    responsible = sorted({Party.PROVIDER_LEAD if party in _SERVED_BY_LEAD else party for party in acting})
    if rule.audience == "responsible":
        return [reach(row, party) for party in responsible]
    is_providers = Party.PROVIDER_LEAD in responsible
    return [To.holders(Role.DEPARTMENT_HEAD, row.provider_org) if is_providers else reach(row, Party.OFFICE_APPROVER)]


def _kind(rule: ReminderRule) -> str:
    if rule.moment == "after" and rule.audience != "responsible":
        return rule.audience
    return rule.moment


def _tell(session: Session, kind: str, to: To, matters: Sequence[Matter], now: datetime) -> None:
    if len(matters) > FEW:
        tell(session, to=to, kind=f"reminder:many_{kind}", about=None, now=now, count=len(matters))
        return
    for each in matters:
        words: dict[str, Any] = {"title": each.row.resource_title, "due_on": each.due_on.isoformat()}
        tell(session, to=to, kind=f"reminder:{kind}", about=each.row.id, now=now, **words)


def _remind_of(session: Session, source: Source, terms: Sequence[OtherTerm], now: datetime) -> None:
    """Note and tell what has come of one subject: one by one while they are few, else in one sentence."""
    noted = _note(
        session, [(each.about, each.seq, rule.rule_id, each.due_on) for each in terms for rule in each.come.every], now
    )
    if not noted:
        return
    reached = source.reach(session, [each.about for each in terms])
    told: dict[tuple[str, To], list[tuple[OtherTerm, Reached]]] = defaultdict(list)
    for each in terms:
        for rule in each.come.latest:
            if (each.about, each.seq, rule.rule_id) in noted and (what := reached.get(each.about)) is not None:
                for to in what.to(rule):
                    told[_kind_of(rule), to].append((each, what))
    for (kind, to), few in told.items():
        if len(few) > FEW:
            many = f"reminder:{source.subject}_many_{kind}"
            tell(session, to=to, kind=many, about=None, now=now, count=len(few))
            continue
        for each, what in few:
            words: dict[str, Any] = {"title": what.title, "due_on": each.due_on.isoformat()}
            one = f"reminder:{source.subject}_{what.notice}_{kind}"
            tell(session, to=to, kind=one, about=each.about, now=now, **words)


def _kind_of(rule: ReminderRule) -> str:
    return rule.audience if rule.audience != "responsible" else rule.moment


def _note(session: Session, keys: Sequence[tuple[UUID, int, str, date]], now: datetime) -> set[tuple[Any, ...]]:
    """Which of these were not noted before, by thing, term and rule."""
    if not keys:
        return set()
    rows = [{"about": key[0], "seq": key[1], "rule_id": key[2], "due_on": key[3], "at": now} for key in keys]
    made = insert(Reminded).on_conflict_do_nothing().returning(Reminded.about, Reminded.seq, Reminded.rule_id)
    return {tuple(row) for row in session.execute(made, rows)}


def reminder(sessions: sessionmaker[Session]) -> Beside:
    """Reminds beside the service; a long list is worked off in transactions of its own."""
    return Beside("reminder", _EVERY_SECONDS, in_transaction(sessions, _is_more))


def _is_more(session: Session) -> bool:
    return remind(session, datetime.now(UTC)) == AT_ONCE

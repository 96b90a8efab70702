"""Uses and their records: what was said, what stands, what is asked for now."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep
from directory.access.queries import visible
from directory.access.states import ENDS, Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.statements.prepared import Prepared
from directory.uses.models import UseRecord
from directory.uses.moments import Life, Occasion, Rule, Span, rules_from
from standards import catalogue

OVER: Final = frozenset({*ENDS, State.DISPOSED})
_END_ACTS: Final = sorted(each.value for each in ENDS)  # an end's step is called as the state it leads to
_ENDED_AT: Final = (
    select(func.max(RequestStep.decided_at))
    .where(RequestStep.request_id == RequestRow.id, RequestStep.act.in_(_END_ACTS))
    .correlate(RequestRow)
    .scalar_subquery()
)


@dataclass(frozen=True)
class Use:
    """A request whose data have arrived, its life as a use, and its records in their order."""

    row: RequestRow
    life: Life
    records: tuple[UseRecord, ...]

    @property
    def standing(self) -> tuple[UseRecord, ...]:
        """Those that no later record takes the place of."""
        replaced = {each.corrects for each in self.records}
        return tuple(each for each in self.records if each.seq not in replaced)

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(Span(Occasion(each.occasion), each.covers_from, each.covers_until) for each in self.standing)


@cache
def rules() -> Mapping[Occasion, Rule]:
    """When a use is recorded, read once."""
    table = Path(__file__).with_name("occasions.csv").read_text("utf-8")
    return rules_from(csv.DictReader(io.StringIO(table)))


@cache
def kept_years() -> int:
    """How many years a record is kept at least (Art. 29)."""
    table = csv.DictReader(io.StringIO(catalogue.read("regulation2025-retention").decode("utf-8")))
    return next(int(row["minimum_years"]) for row in table if row["id"] == "USE_RECORDS")


def uses(session: Session, actor: Actor, *, resource_id: UUID | None = None) -> Sequence[Use]:
    """The uses this actor sees, those that began last first, at most ``LIMITS.list_count``; of one entry if named."""
    query = select(RequestRow, _ENDED_AT).where(visible(actor, Action.USE_READ), RequestRow.arrived_at.is_not(None))
    if resource_id is not None:
        query = query.where(RequestRow.resource_id == resource_id)
    newest_first = query.order_by(RequestRow.arrived_at.desc(), RequestRow.id).limit(LIMITS.list_count)
    return _with_records(session, [(row, ended_at) for row, ended_at in session.execute(newest_first)])


def use(session: Session, actor: Actor, request_id: UUID) -> Use:
    """One use; raises ``REQUEST_NOT_FOUND`` for a request this actor does not see, ``USE_NOT_BEGUN``."""
    query = select(RequestRow, _ENDED_AT).where(RequestRow.id == request_id, visible(actor, Action.USE_READ))
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise DirectoryError("REQUEST_NOT_FOUND", request_id=request_id)
    if found[0].arrived_at is None:
        raise DirectoryError("USE_NOT_BEGUN")
    return _with_records(session, [(found[0], found[1])])[0]


def uses_of(session: Session, rows: Sequence[RequestRow]) -> Sequence[Use]:
    """Those of these requests whose data have arrived, as uses; whoever asks has seen to who sees them."""
    query = select(RequestRow, _ENDED_AT).where(
        RequestRow.id.in_([row.id for row in rows]), RequestRow.arrived_at.is_not(None)
    )
    return _with_records(session, [(row, ended_at) for row, ended_at in session.execute(query)])


def asked_now(session: Session, org_code: str, today: date, most: int) -> tuple[int, Sequence[Use]]:
    """The uses of this department of which a record is asked for now: how many, and at most so many that began first.

    Asked for are the first record of all, those of the whole periods, and that of the end: also a period passed over
    before the last one is, until a record speaks of it. A use stands here once, however much of it lacks a record.
    """
    every = rules()[Occasion.PERIOD].every_months
    ids = [row[0] for row in _ASKED.rows(session, org=org_code, today=today, every=every)]
    if not most or not ids:
        return len(ids), []
    query = (
        select(RequestRow, _ENDED_AT)
        .where(RequestRow.id.in_(ids[:most]))
        .order_by(RequestRow.arrived_at, RequestRow.id)
    )
    return len(ids), _with_records(session, [(row, ended_at) for row, ended_at in session.execute(query)])


def missing(session: Session, today: date) -> Sequence[tuple[UUID, Occasion, date]]:
    """Every use of any department that lacks a record: its last moment that nobody answered, and that moment's day."""
    values = {"today": today, "every": rules()[Occasion.PERIOD].every_months}
    return [(row.id, Occasion(row.occasion), _day_of_moment(row)) for row in session.execute(_MISSING, values)]


def _day_of_moment(row: Any) -> date:
    day: date = {"first_delivery": row.began_on, "period": row.last_on, "end": row.ended_on}[row.occasion]
    return day


def _with_records(session: Session, found: Iterable[tuple[RequestRow, object]]) -> Sequence[Use]:
    rows = list(found)
    said: dict[UUID, list[UseRecord]] = defaultdict(list)
    wanted = select(UseRecord).where(UseRecord.request_id.in_([row.id for row, _ in rows]))
    for each in session.scalars(wanted.order_by(UseRecord.request_id, UseRecord.seq)):
        said[each.request_id].append(each)
    return [Use(row, _life(row, ended_at), tuple(said[row.id])) for row, ended_at in rows]


def _life(row: RequestRow, ended_at: object) -> Life:
    assert row.arrived_at is not None
    is_over = State(row.state) in OVER
    owes_end = row.state == State.DISPOSED or row.stage in (Stage.DISPOSAL, Stage.DISPOSAL_ASKED)
    ended_on = day_of(ended_at) if is_over and ended_at else None  # type: ignore[arg-type]
    return Life(day_of(row.arrived_at), ended_on, is_over and owes_end)


# What ``moments`` says of the first record, the whole periods and the end, for many uses at once.
_LAST: Final = """
    WITH used AS (
        SELECT id, arrived_at, state = 'disposed' OR state = ANY ({ends}) AS is_over,
            state = 'disposed' OR stage IN ('disposal', 'disposal_asked') AS owes_end,
            (arrived_at AT TIME ZONE 'Asia/Shanghai')::date AS began_on
        FROM request WHERE {whose} arrived_at IS NOT NULL
    ), passed AS (
        SELECT used.*, least(CASE WHEN is_over THEN (SELECT max(decided_at) AT TIME ZONE 'Asia/Shanghai'
            FROM request_step WHERE request_id = used.id AND act = ANY ({ends}))::date
            ELSE NULL END + 1, CAST({today} AS date)) AS before_on
        FROM used
    ), counted AS (
        SELECT passed.*, floor(((date_part('year', before_on) - date_part('year', began_on)) * 12
            + date_part('month', before_on) - date_part('month', began_on)) / {every})::int AS number
        FROM passed
    ), last AS (
        SELECT counted.*, (began_on + make_interval(months => {every} * CASE
            WHEN began_on + make_interval(months => {every} * number) <= before_on THEN number ELSE number - 1 END)
            )::date - 1 AS last_on
        FROM counted
    ), standing AS NOT MATERIALIZED (  -- of these uses, not of all there are
        SELECT request_id, occasion, covers_from, covers_until FROM use_record AS said WHERE NOT EXISTS (
            SELECT FROM use_record AS later WHERE later.request_id = said.request_id AND later.corrects = said.seq)
    )
"""
_WHO_IS_ASKED: Final = """
    SELECT id FROM last WHERE
        NOT EXISTS (SELECT FROM standing WHERE request_id = last.id)
        OR is_over AND owes_end
            AND NOT EXISTS (SELECT FROM standing WHERE request_id = last.id AND occasion = 'end')
        OR last_on >= began_on AND NOT EXISTS (SELECT FROM standing
            WHERE request_id = last.id AND last_on BETWEEN covers_from AND covers_until)
        OR number > 1 AND EXISTS (SELECT FROM generate_series(1, number - 1) AS earlier WHERE NOT EXISTS (
            SELECT FROM standing WHERE request_id = last.id
            AND (began_on + make_interval(months => {every} * earlier))::date - 1 BETWEEN covers_from AND covers_until))
    ORDER BY arrived_at, id
"""
_WHAT_IS_MISSING: Final = """
    SELECT * FROM (
        SELECT id, CASE
            WHEN is_over AND owes_end AND NOT EXISTS (
                SELECT FROM standing WHERE request_id = last.id AND occasion = 'end') THEN 'end'
            WHEN last_on >= began_on AND NOT EXISTS (SELECT FROM standing
                WHERE request_id = last.id AND last_on BETWEEN covers_from AND covers_until) THEN 'period'
            WHEN NOT EXISTS (SELECT FROM standing WHERE request_id = last.id) THEN 'first_delivery' END AS occasion,
            began_on, last_on, before_on - 1 AS ended_on
        FROM last) each WHERE occasion IS NOT NULL
"""
_ENDS: Final = ", ".join(f"'{each}'" for each in _END_ACTS)
_ASKED: Final = Prepared(
    "uses_asked",
    (_LAST + _WHO_IS_ASKED).format(
        whose="requester_org = $1::text AND", today="$2::date", every="$3::int", ends=f"ARRAY[{_ENDS}]"
    ),
    "org",
    "today",
    "every",
)
_MISSING: Final = text(
    _LAST.format(whose="", today=":today", every=":every", ends=":ends") + _WHAT_IS_MISSING
).bindparams(bindparam("today"), bindparam("every"), bindparam("ends", _END_ACTS))

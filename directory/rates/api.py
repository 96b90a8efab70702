"""Rates for programs."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import governed_by
from directory.libraries.queries import sees_tables
from directory.limits import LIMITS
from directory.organisations.queries import organisation
from directory.rates.lists import listed
from directory.rates.measure import PROBE_VALID_DAYS, Rates, Verdict, measure
from directory.rates.queries import ALL, departments, mean_scores, verdicts

router = APIRouter(prefix="/rates", tags=["rates"])


class Numbers(BaseModel):
    """What was counted and the three rates in percent; a rate of nothing is null.

    ``counted`` are published entries that may be shared; ``cycled`` those of them with a fixed update cycle.
    ``unprobed`` have a mount that was never probed, and count as not effective.
    """

    counted: int
    mounted: int
    effective: int
    unprobed: int
    cycled: int
    timely: int
    mount_rate: float | None
    effective_rate: float | None
    timely_rate: float | None

    @classmethod
    def of(cls, rates: Rates) -> "Numbers":
        return cls(**{name: getattr(rates, name) for name in cls.model_fields})


class DepartmentLine(BaseModel):
    """A department with published entries; ``score`` is their mean metadata quality (0–100)."""

    org_code: str
    name: str
    published: int
    score: float | None
    rates: Numbers


class RatesShown(BaseModel):
    """All departments, the least effective first, and all together."""

    as_of: date
    probe_valid_days: int
    together: Numbers
    departments: list[DepartmentLine]


class ReasonShown(BaseModel):
    """Why an entry is not in a rate and what to do; ``detail`` is for its own department and the office."""

    rate: str
    code: str
    zh: str
    next_step: str
    mount_id: str
    detail: str


class EntryLine(BaseModel):
    """One entry and how it stands; ``is_timely`` is null where its update cycle is not fixed."""

    id: UUID
    org_code: str
    title: str
    is_mounted: bool
    is_effective: bool
    is_timely: bool | None
    last_changed_on: date | None
    probed_on: date | None
    reasons: list[ReasonShown]


class DepartmentShown(DepartmentLine):
    """A department with the entries of one list (``show``): by default those that drag its rates down."""

    show: str
    total: int
    entries: list[EntryLine]


@router.get("")
@governed_by(Action.RATE_READ)
def show_rates(session: DbSession, actor: CurrentActor) -> RatesShown:
    """挂接率, 有效挂接率 and 及时更新率 of every department."""
    now = datetime.now(UTC)
    found = departments(session, now)
    lines = [
        DepartmentLine(
            org_code=each.org_code,
            name=each.name,
            published=each.published,
            score=each.score,
            rates=Numbers.of(each.rates),
        )
        for each in found
    ]
    together = {name: sum(getattr(each.rates, name) for each in found) for name in Rates.__dataclass_fields__}
    return RatesShown(
        as_of=day_of(now),
        probe_valid_days=PROBE_VALID_DAYS,
        together=Numbers.of(Rates(**together)),
        departments=lines,
    )


@router.get("/{org_code}")
@governed_by(Action.RATE_READ)
def show_department(
    org_code: Annotated[str, Path(max_length=32)],
    session: DbSession,
    actor: CurrentActor,
    show: Annotated[str, Query(max_length=20)] = "dragging",
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> DepartmentShown:
    """A department's rates (or those of ``all``) and the entries of one list: every number has a list of its name."""
    one = None if org_code == ALL else organisation(session, org_code)
    of = verdicts(session, datetime.now(UTC), one.code if one else None)
    rows = listed(of, show)
    scores = mean_scores(session, one.code if one else None)
    published, score = scores.get(org_code, (sum(count for count, _ in scores.values()) if one is None else 0, None))
    return DepartmentShown(
        org_code=org_code,
        name=one.name if one else "全部部门",
        published=published,
        score=score,
        rates=Numbers.of(measure(of)),
        show=show,
        total=len(rows),
        entries=[
            _entry(each, sees_detail=sees_tables(actor, each.fact.org_code))
            for each in rows[start : start + LIMITS.list_count]
        ],
    )


def _entry(verdict: Verdict, *, sees_detail: bool) -> EntryLine:
    return EntryLine(
        id=verdict.fact.resource_id,
        org_code=verdict.fact.org_code,
        title=verdict.fact.title,
        is_mounted=verdict.is_mounted,
        is_effective=verdict.is_effective,
        is_timely=verdict.is_timely,
        last_changed_on=verdict.last_changed_on,
        probed_on=verdict.probed_on,
        reasons=[
            ReasonShown(
                rate=each.rate,
                code=each.code,
                zh=each.zh,
                next_step=each.next_zh,
                mount_id=each.mount_id,
                detail=each.detail if sees_detail else "",
            )
            for each in verdict.reasons
        ],
    )

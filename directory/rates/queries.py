"""The facts behind the rates, from published records and the newest probes; and quality scores."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.clock.deadlines import day_of
from directory.clock.queries import calendar
from directory.organisations.queries import organisations
from directory.probes.queries import ProbeRow, latest_probes
from directory.rates.measure import SHAREABLE, EntryFact, ProbeFact, Rates, Verdict, judge, measure
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.queries import is_its_published, is_public
from metadata.score import score

ALL = "all"
"""In the place of a department's code: all of them together."""
_MOST_KEPT = 200_000
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Department:
    """A department with its rates; ``score`` is the mean quality score of its published entries."""

    org_code: str
    name: str
    rates: Rates
    published: int
    score: float | None


def verdicts(session: Session, now: datetime, org_code: str | None = None) -> list[Verdict]:
    """Every published entry that may be shared, of one department or of all, by title."""
    query = (
        select(
            ResourceEntry.id,
            ResourceEntry.org_code,
            literal_column("resource_version.record->>'title'").label("title"),
            literal_column("resource_version.record->>'update_cycle'").label("cycle"),
            literal_column("jsonb_path_query_array(resource_version.record, '$.mounts[*].mount_id')", JSONB).label(
                "mounts"
            ),
        )
        .join(ResourceVersion, is_its_published())
        .where(
            is_public(),
            literal_column("resource_version.record #>> '{sharing,share_type}'").in_(sorted(SHAREABLE)),
        )
    )
    if org_code is not None:
        query = query.where(ResourceEntry.org_code == org_code)
    probes, days, today = latest_probes(session), calendar(session), day_of(now)
    facts = (
        EntryFact(
            resource_id=row.id,
            title=row.title,
            org_code=row.org_code,
            cycle=row.cycle,
            mounts=tuple((mount, _fact(probes.get((row.id, mount)))) for mount in row.mounts),
        )
        for row in session.execute(query)
    )
    return sorted((judge(fact, today, days) for fact in facts), key=lambda each: (each.fact.title, each.fact.org_code))


def departments(session: Session, now: datetime) -> list[Department]:
    """Every department with published entries, the least effective first."""
    by_org: dict[str, list[Verdict]] = {}
    for each in verdicts(session, now):
        by_org.setdefault(each.fact.org_code, []).append(each)
    scores = mean_scores(session)
    found = [
        Department(each.code, each.name, measure(by_org.get(each.code, ())), *scores.get(each.code, (0, None)))
        for each in organisations(session)
        if each.code in scores or each.code in by_org
    ]
    return sorted(found, key=_worst_first)


def _worst_first(department: Department) -> tuple[bool, float, float, str]:
    rates = department.rates
    return not rates.counted, rates.effective_rate or 0.0, rates.mount_rate or 0.0, department.name


def mean_scores(session: Session, org_code: str | None = None) -> Mapping[str, tuple[int, float]]:
    """How many entries each department has published, and their mean quality score."""
    query = (
        select(ResourceEntry.id, ResourceEntry.org_code, ResourceEntry.published_version)
        .where(is_public())
        .order_by(ResourceEntry.id)
    )
    if org_code is not None:
        query = query.where(ResourceEntry.org_code == org_code)
    entries = session.execute(query).all()
    totals = _totals(session, {(row.id, row.published_version) for row in entries})
    found: dict[str, list[int]] = {}
    for row in entries:
        of = found.setdefault(row.org_code, [])
        if (total := totals.get((row.id, row.published_version))) is not None:  # else replaced this very moment
            of.append(total)
    return {code: (len(of), round(sum(of) / len(of), 1)) for code, of in found.items() if of}


_kept: OrderedDict[tuple[UUID, int], int] = OrderedDict()
_lock = Lock()


def _totals(session: Session, wanted: set[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], int]:
    """Scores by entry and version. A version never changes, so its score is kept; only new ones are worked out."""
    with _lock:
        known = {key: _kept[key] for key in wanted if key in _kept}
    missing = {key[0] for key in wanted - known.keys()}
    if missing:
        query = select(ResourceVersion.resource_id, ResourceVersion.version, ResourceVersion.record)
        query = query.join(ResourceEntry, is_its_published())
        if len(missing) <= _ROWS_AT_ONCE:
            query = query.where(ResourceEntry.id.in_(missing))
        else:
            query = query.where(is_public())
        made = {
            (row.resource_id, row.version): score(row.record).total
            for row in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
        }
        known |= {key: made[key] for key in wanted & made.keys()}
        with _lock:
            _kept.update(made)
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
    return known


def _fact(probe: ProbeRow | None) -> ProbeFact | None:
    if probe is None:
        return None
    return ProbeFact(
        probed_on=day_of(probe.probed_at),
        is_reachable=probe.is_reachable,
        is_matching=probe.is_matching,
        last_changed_on=probe.last_changed_on,
        detail="；".join(probe.mismatches) if probe.is_reachable else probe.problem,
    )

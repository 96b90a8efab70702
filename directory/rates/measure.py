"""The three rates, from facts about entries. Pure: no clock, no database.

Counted are published entries that may be shared. Of these are *mounted* those with at least one mount (挂接率), and
*effective* those whose every mount was reached and matched the declared items at its newest probe, not older than
``PROBE_VALID_DAYS`` (有效挂接率). *Timely* are those whose data had changed within the update cycle when they were last
probed (及时更新率); entries without a fixed cycle are not counted there, and the pages say so. What nobody has probed
is not effective and not timely: 未检测.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from directory.clock.deadlines import Calendar
from standards.codes import rows

PROBE_VALID_DAYS: Final = 8
SHAREABLE: Final = frozenset({"unconditional", "conditional"})

Rate = Literal["mounted", "effective", "timely"]
_DURATION = re.compile(r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?(?:T0S)?")
_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class ProbeFact:
    """What the newest probe of a mount says; ``detail`` is for the entry's own department and the office."""

    probed_on: date
    is_reachable: bool
    is_matching: bool
    last_changed_on: date | None
    detail: str = ""


@dataclass(frozen=True)
class EntryFact:
    """A published entry that may be shared: its mounts by id with their newest probes, and its update cycle."""

    resource_id: UUID
    title: str
    org_code: str
    cycle: str | None
    mounts: tuple[tuple[str, ProbeFact | None], ...]


@dataclass(frozen=True)
class Reason:
    """Why an entry is not counted in a rate, in a sentence, and what to do about it; ``step`` says where."""

    rate: Rate
    code: str
    zh: str
    next_zh: str
    step: Literal["mount", "edit", "probe", "supply"]
    mount_id: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """One entry's standing: ``is_timely`` is None where the rate does not count it."""

    fact: EntryFact
    is_mounted: bool
    is_effective: bool
    is_timely: bool | None
    reasons: tuple[Reason, ...]

    @property
    def last_changed_on(self) -> date | None:
        """The newest change that a probe has seen."""
        return max((p.last_changed_on for _, p in self.fact.mounts if p and p.last_changed_on), default=None)

    @property
    def probed_on(self) -> date | None:
        """The day of the newest probe."""
        return max((p.probed_on for _, p in self.fact.mounts if p), default=None)


@dataclass(frozen=True)
class Rates:
    """The numbers of a department, or of all: each is how many of ``SETS`` of the same name hold."""

    counted: int = 0
    mounted: int = 0
    effective: int = 0
    unprobed: int = 0
    cycled: int = 0
    timely: int = 0

    @property
    def mount_rate(self) -> float | None:
        return _rate(self.mounted, self.counted)

    @property
    def effective_rate(self) -> float | None:
        return _rate(self.effective, self.counted)

    @property
    def timely_rate(self) -> float | None:
        return _rate(self.timely, self.cycled)


SETS: Final[Mapping[str, tuple[str, Callable[[Verdict], bool]]]] = {
    "counted": ("应挂接", lambda each: True),
    "mounted": ("已挂接", lambda each: each.is_mounted),
    "unmounted": ("未挂接", lambda each: not each.is_mounted),
    "effective": ("有效", lambda each: each.is_effective),
    "ineffective": ("挂接无效", lambda each: each.is_mounted and not each.is_effective),
    "unprobed": ("未检测", lambda each: each.is_mounted and any(probe is None for _, probe in each.fact.mounts)),
    "cycled": ("有更新周期", lambda each: each.is_timely is not None),
    "timely": ("及时", lambda each: each.is_timely is True),
    "late": ("未及时", lambda each: each.is_timely is False),
    "uncycled": ("周期不定或未填", lambda each: each.is_timely is None),
    "dragging": ("拖累指标", lambda each: bool(each.reasons)),
}
"""The sets that numbers count, by name: what each is called and what belongs to it. A number's link lists its set."""


def measure(verdicts: Iterable[Verdict]) -> Rates:
    """The numbers over these entries."""
    of = list(verdicts)
    return Rates(**{name: sum(SETS[name][1](each) for each in of) for name in Rates.__dataclass_fields__})


def judge(fact: EntryFact, today: date, calendar: Calendar) -> Verdict:
    """One entry, on this (Shanghai) day."""
    unsound = tuple(_unsound(fact, today))
    untimely = _untimely(fact, today, calendar)
    return Verdict(
        fact,
        is_mounted=bool(fact.mounts),
        is_effective=not unsound,
        is_timely=None if gap_of(fact.cycle) is None else untimely is None,
        reasons=(*unsound, *((untimely,) if untimely else ())),
    )


def drags(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those with a reason, the most dragging first: unmounted, then ineffective, then late; by title."""
    dragging = [each for each in verdicts if each.reasons]
    return sorted(dragging, key=lambda each: (each.is_mounted, each.is_effective, each.fact.title))


def gap_of(cycle: str | None) -> tuple[int, int] | None:
    """How long data may stay as they are: months and days (``guide2017-update-cycle``); None where it is not fixed.

    A day is the least, since the day is all that is known of a change: 实时 has to have changed on the day before.
    """
    if cycle is None:
        return None
    span = next((row["max_gap"] for row in rows("guide2017-update-cycle") if row["key"] == cycle), "")
    parts = _DURATION.fullmatch(span) if span else None
    if parts is None:
        return None
    years, months, days = (int(part or 0) for part in parts.groups())
    months += years * _MONTHS_A_YEAR
    return (months, days) if months else (0, max(days, 1))


def due_on(changed: date, cycle: str, calendar: Calendar) -> date | None:
    """The last day by which data changed on this day must have changed again; a rest day moves it to a working day."""
    gap = gap_of(cycle)
    if gap is None:
        return None
    day = _months_later(changed, gap[0]) + timedelta(days=gap[1])
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def _months_later(day: date, months: int) -> date:
    index = day.month - 1 + months
    year, month = day.year + index // _MONTHS_A_YEAR, index % _MONTHS_A_YEAR + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))


def _unsound(fact: EntryFact, today: date) -> Sequence[Reason]:
    """Why the entry's mounts are not effective, one reason a mount."""
    if not fact.mounts:
        zh, to_do = "没有挂接库表、文件或接口", "挂接资源后提交发布"
        return (Reason("mounted", "UNMOUNTED", zh, to_do, "mount"),)
    found = []
    for mount_id, probe in fact.mounts:
        where = f"挂接“{mount_id}”"
        if probe is None:
            zh, to_do = f"{where}未检测，不计为有效", "请运维在前置节点上启用挂接检测"
            found.append(Reason("effective", "UNPROBED", zh, to_do, "probe", mount_id))
        elif not probe.is_reachable:
            zh = f"{where}在 {probe.probed_on} 检测时连不上"
            to_do = "检查前置节点与库表、文件或接口的连接，或改正挂接"
            found.append(Reason("effective", "UNREACHABLE", zh, to_do, "mount", mount_id, probe.detail))
        elif not probe.is_matching:
            zh = f"{where}的结构与登记的数据项不符（{probe.probed_on} 检测）"
            to_do = "按实际结构改正数据项或挂接列"
            found.append(Reason("effective", "MISMATCHED", zh, to_do, "edit", mount_id, probe.detail))
        elif (today - probe.probed_on).days > PROBE_VALID_DAYS:
            zh = f"{where}上次检测在 {probe.probed_on}，已超过 {PROBE_VALID_DAYS} 天"
            to_do = "请运维检查前置节点的定时检测"
            found.append(Reason("effective", "PROBE_STALE", zh, to_do, "probe", mount_id))
    return found


def _untimely(fact: EntryFact, today: date, calendar: Calendar) -> Reason | None:
    """Why the entry's data are not in time; None where they are, or where no cycle is fixed."""
    if fact.cycle is None or gap_of(fact.cycle) is None:
        return None
    probes = [probe for _, probe in fact.mounts if probe is not None]
    valid = [each for each in probes if (today - each.probed_on).days <= PROBE_VALID_DAYS]
    changed = max((each.last_changed_on for each in valid if each.last_changed_on), default=None)
    if not fact.mounts:
        return Reason("timely", "UNMOUNTED", "没有挂接，看不到数据何时更新", "挂接资源后提交发布", "mount")
    if changed is None:
        zh = f"{PROBE_VALID_DAYS} 天内没有检测到数据的更新时间" if probes else "未检测，不知数据何时更新，不计为及时"
        return Reason("timely", "CHANGE_UNKNOWN", zh, "请运维检查前置节点的挂接检测", "probe")
    seen_on = max(each.probed_on for each in valid)
    due = due_on(changed, fact.cycle, calendar)
    if due is None or seen_on <= due:
        return None
    label = next(row["label"] for row in rows("guide2017-update-cycle") if row["key"] == fact.cycle)
    zh = f"数据上次更新在 {changed}，按“{label}”应于 {due} 前再更新，到 {seen_on} 检测时仍未更新"
    return Reason("timely", "LATE", zh, "更新源数据，或把更新周期改成实际的周期", "supply")


def _rate(part: int, of: int) -> float | None:
    """Percent with one decimal, rounded down so that 100 means all; None of nothing."""
    return part * 1000 // of / 10 if of else None

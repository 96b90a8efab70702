"""Corrections and objections tried in any order by anybody: no clock is lost, nobody answers what they raised or twice,
and nothing happens after the end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from directory.clock.deadlines import SHANGHAI, day_of, due
from directory.clock.queries import calendar
from directory.corrections import decide as corrections
from directory.corrections.models import CorrectionNotice
from directory.corrections.said import NewCorrection
from directory.corrections.said import Said as CorrectionSaid
from directory.corrections.states import Act as CorrectionAct
from directory.corrections.states import State as CorrectionState
from directory.errors import DirectoryError
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter, MatterStep, MatterTerm
from directory.objections import decide as objections
from directory.objections.said import NewObjection, Outcome
from directory.objections.said import Said as ObjectionSaid
from directory.objections.states import TIMED, Topic
from directory.objections.states import Act as ObjectionAct
from directory.roles import Role
from tests.directory.access.conftest import (
    ITEMS,
    Town,
    conditional_sharing,
    first_rows,
    in_use,
    receipt,
    resource,
    town,
)

__all__ = ["first_rows", "in_use", "receipt", "resource", "town"]

PEOPLE = ("clerk", "own_lead", "outside_clerk", "outside_lead", "lead", "editor", "reviewer", "approver", "auditor")
START = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
EXPECTED = frozenset(
    {
        "COMMENT_REQUIRED",
        "CORRECTION_ACKNOWLEDGED",
        "CORRECTION_FROM",
        "CORRECTION_LEAD",
        "CORRECTION_NOT_TOLD",
        "CORRECTION_OWN",
        "FORBIDDEN",
        "MATTER_ANSWERED_BY_YOU",
        "MATTER_MOVE_ILLEGAL",
        "MATTER_NOT_FOUND",
        "OBJECTION_CORRECTION",
        "OBJECTION_OUTCOME",
        "OBJECTION_PARTY",
        "OBJECTION_REQUEST",
        "REQUEST_NOT_FOUND",
        "SELF_APPROVAL",
    }
)
ANSWERS = {kind: {a for m in p.moves.values() for a, v in m.items() if v.is_answer} for kind, p in PROCEDURES.items()}
_people, _which = st.sampled_from(PEOPLE), st.integers(0, 3)
_steps = st.sampled_from([act for act in CorrectionAct if act is not CorrectionAct.RAISED])
_objection_steps = st.sampled_from([act for act in ObjectionAct if act is not ObjectionAct.RAISED])


class Machine(RuleBasedStateMachine):
    """``place`` is set by the test: the town, an entry of the provider's whose lead is the outsider, a request."""

    place: tuple[Town, str, str]

    @initialize()
    def begin(self) -> None:
        self.town, self.entry, self.request = self.place
        self.now, self.made, self.ended = START, [], dict[UUID, int]()
        with self.town.city.app.state.sessions() as session:
            self.days = calendar(session)
        self.raise_correction("clerk", ("xm",))
        self.raise_objection("clerk", Topic.CATALOGUE, by_request=False)

    def do(self, verb: Callable[[Any], Matter]) -> Matter | None:
        """One transaction; what is refused is refused by name, and leaves nothing."""
        try:
            with self.town.city.app.state.sessions.begin() as session:
                row = verb(session)
                session.flush()
                session.expunge(row)
        except DirectoryError as error:
            if error.code not in EXPECTED:
                raise
            return None
        return row

    def pick(self, which: int, kind: str) -> UUID:
        """One of a kind that is open; of all of them where ``which`` is 3, that what is over stays over."""
        found = [ref for ref, made_kind in self.made if made_kind == kind and (which > 2 or ref not in self.ended)][-3:]
        return found[which % len(found)] if found else UUID(int=0)

    def is_short(self, kind: str) -> bool:
        return len([ref for ref, made_kind in self.made if made_kind == kind and ref not in self.ended]) < 2

    def latest(self) -> list[tuple[UUID, str]]:
        """What the rules still touch: the latest four of each kind."""
        made: list[tuple[UUID, str]] = getattr(self, "made", [])
        return [each for kind in ("correction", "objection") for each in [m for m in made if m[1] == kind][-4:]]

    @rule(days=st.integers(0, 12))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(
        who=st.sampled_from(["clerk", "outside_clerk", "lead", "auditor"]),
        items=st.sampled_from([(), ("xm",), ("sfzhm", "djrq")]),
    )
    def raise_correction(self, who: str, items: tuple[str, ...]) -> None:
        if not self.is_short("correction"):
            return
        asked = NewCorrection(resource=self.entry, items=items, words="有误")
        actor = self.town.people[who].actor
        row = self.do(lambda session: corrections.raise_correction(session, actor, asked, self.now))
        self.made += [(row.id, "correction")] if row else []

    @rule(who=_people, which=_which, act=_steps, odd=st.booleans())
    def step_correction(self, who: str, which: int, act: CorrectionAct, odd: bool) -> None:
        said = CorrectionSaid(
            comment="" if odd else "说明",
            corrected_from_on=day_of(self.now) if act is CorrectionAct.CORRECTED else None,
            to_org=self.town.orgs["outsider"] if act is CorrectionAct.FORWARDED else "",
        )
        actor, ref = self.town.people[who].actor, self.pick(which, "correction")
        self.do(lambda session: corrections.decide(session, actor, ref, act, self.now, said))

    @rule(which=_which)
    def correct(self, which: int) -> None:
        said = CorrectionSaid(comment="已改", corrected_from_on=day_of(self.now))
        lead, ref = self.town.people["lead"].actor, self.pick(which, "correction")
        self.do(lambda session: corrections.decide(session, lead, ref, CorrectionAct.CORRECTED, self.now, said))

    @rule(which=_which)
    def find_not_wrong(self, which: int) -> None:
        lead, ref = self.town.people["lead"].actor, self.pick(which, "correction")
        said = CorrectionSaid(comment="无误")
        self.do(lambda session: corrections.decide(session, lead, ref, CorrectionAct.NOT_WRONG, self.now, said))

    @rule(which=_which)
    def pass_on(self, which: int) -> None:
        said = CorrectionSaid(comment="转", to_org=self.town.orgs["outsider"])
        lead, ref = self.town.people["lead"].actor, self.pick(which, "correction")
        self.do(lambda session: corrections.decide(session, lead, ref, CorrectionAct.FORWARDED, self.now, said))

    @rule(which=_which, who=st.sampled_from(["clerk", "own_lead"]))
    def acknowledge(self, which: int, who: str) -> None:
        actor, ref = self.town.people[who].actor, self.pick(which, "correction")
        self.do(lambda session: corrections.acknowledge(session, actor, ref, self.now))

    @rule(who=st.sampled_from(["clerk", "own_lead", "lead"]), topic=st.sampled_from(Topic), by_request=st.booleans())
    def raise_objection(self, who: str, topic: Topic, by_request: bool) -> None:
        if not self.is_short("objection"):
            return
        about: dict[str, Any] = {"request": UUID(self.request)} if by_request else {"resource": self.entry}
        asked, actor = NewObjection(topic=topic, words="不认可", **about), self.town.people[who].actor
        row = self.do(lambda session: objections.raise_objection(session, actor, asked, self.now))
        self.made += [(row.id, "objection")] if row else []

    @rule(which=_which, who=st.sampled_from(["clerk", "own_lead"]))
    def object_to_a_correction(self, which: int, who: str) -> None:
        asked = NewObjection(topic=Topic.CONTENT, correction=self.pick(which, "correction"), words="不认可")
        actor = self.town.people[who].actor
        row = self.do(lambda session: objections.raise_objection(session, actor, asked, self.now))
        self.made += [(row.id, "objection")] if row else []

    @rule(who=_people, which=_which, act=_objection_steps, odd=st.booleans())
    def step_objection(self, who: str, which: int, act: ObjectionAct, odd: bool) -> None:
        is_whole = act is ObjectionAct.ANSWERED and not odd
        said = ObjectionSaid(comment="说明", outcome=Outcome.PARTLY if is_whole else None)
        actor, ref = self.town.people[who].actor, self.pick(which, "objection")
        self.do(lambda session: objections.decide(session, actor, ref, act, self.now, said))

    @rule(which=_which, is_second=st.booleans())
    def answer(self, which: int, is_second: bool) -> None:
        ref = self.pick(which, "objection")
        said = ObjectionSaid(comment="答复", outcome=Outcome.REJECTED)

        def by_whom_it_is_before(session: Any) -> Matter:
            row = session.get(Matter, ref)
            own = "own_lead" if row and row.to_org == self.town.orgs["requester"] else "lead"
            office = "second_approver" if is_second else "approver"
            actor = self.town.people[own if row is None or row.state == "negotiation" else office].actor
            return objections.decide(session, actor, ref, ObjectionAct.ANSWERED, self.now, said)

        self.do(by_whom_it_is_before)

    @rule(which=_which, act=st.sampled_from([ObjectionAct.ESCALATED, ObjectionAct.ESCALATED, ObjectionAct.SETTLED]))
    def go_on(self, which: int, act: ObjectionAct) -> None:
        ref, said = self.pick(which, "objection"), ObjectionSaid(comment="不服")

        def by_the_raisers_lead(session: Any) -> Matter:
            row = session.get(Matter, ref)
            own = "lead" if row and row.from_org == self.town.orgs["provider"] else "own_lead"
            return objections.decide(session, self.town.people[own].actor, ref, act, self.now, said)

        self.do(by_the_raisers_lead)

    @invariant()
    def no_clock_is_lost_and_all_is_answered_by_others(self) -> None:
        refs = [ref for ref, _ in self.latest()]
        with self.town.city.app.state.sessions() as session:
            rows = session.scalars(select(Matter).where(Matter.id.in_(refs))).all()
            terms = by_matter(session.scalars(select(MatterTerm).where(MatterTerm.matter_id.in_(refs))))
            steps = by_matter(
                session.scalars(select(MatterStep).where(MatterStep.matter_id.in_(refs)).order_by(MatterStep.seq))
            )
            told = by_matter(session.scalars(select(CorrectionNotice).where(CorrectionNotice.matter_id.in_(refs))))
        for row in rows:
            self.check_term(row, terms[row.id])
            answered = [each.decided_by for each in steps[row.id] if each.act in ANSWERS[row.kind]]
            assert row.created_by not in answered
            assert len(answered) == len(set(answered))
            assert (steps[row.id][-1].seq, steps[row.id][-1].state) == (row.step_seq, row.state)
            if PROCEDURES[row.kind].is_end(row.state):
                assert self.ended.setdefault(row.id, row.step_seq) == row.step_seq, "nothing after the end"
            waits = any(each.acknowledged_at is None for each in told[row.id])
            assert waits == (row.state == CorrectionState.TELLING), "open until all have taken it again"

    def check_term(self, row: Matter, kept: list[Any]) -> None:
        runs = row.state in ({CorrectionState.CHECKING} if row.kind == "correction" else TIMED)
        assert len([each for each in kept if each.stopped_at is None]) == runs, (row.kind, row.state)
        assert (row.due_on is not None) == runs
        assert row.kind != "correction" or len(kept) == 1, "a correction's term is one, whoever has it"
        for each in kept:
            assert (each.limit_days, each.extension_days) == (10, 0)
            assert each.due_on == due(each.counted_from, each.limit_days, self.days).due_on
            assert not runs or each.stopped_at or each.due_on == row.due_on


def by_matter(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for each in rows:
        found[each.matter_id].append(each)
    return found


@pytest.fixture(scope="module")
def place(town: Town, in_use: Any, city: Any) -> tuple[Town, str, str]:
    town.people["second_approver"] = city.person(town.orgs["office"], Role.OFFICE_APPROVER)
    items = (ITEMS[0], ITEMS[1].model_copy(update={"lead_department": "示例市税务局"}), *ITEMS[2:])
    ref = town.publish("户籍人口校核用信息", conditional_sharing(), items=items)
    return town, ref, in_use(ref)


def test_in_any_order(place: tuple[Town, str, str]) -> None:
    Machine.place = place
    run_state_machine_as_test(Machine, settings=settings(max_examples=20, stateful_step_count=40))

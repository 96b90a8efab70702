"""Requests lived in every order: whoever tries whatever on whatever day, the laws of ``laws.py`` hold after each step.

Nothing here models the service: a step is taken or refused by name, and afterwards the tables are asked. Everything of
one life happens in one transaction that is given up, with all that the database checks at a commit checked each time.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from directory.access import consents
from directory.access.change import change
from directory.access.drafting import amend, create
from directory.access.expiry import expire
from directory.access.renewal import renew
from directory.clock.deadlines import LocalLimit, day_of
from directory.delegations.give import Given, delegate
from directory.delegations.give import revoke as take_back
from directory.roles import Role
from directory.rules.enter import enter
from metadata.resource import Party, Sharing
from tests.directory.access.conftest import CERTIFICATE, REASON, Town, conditional_sharing, mount_of
from tests.directory.access.life import (
    COURSES,
    ENTRIES,
    FIELDS,
    FIT,
    GIVERS,
    PEOPLE,
    START,
    STARTS,
    WHICH,
    WHO,
    Life,
    at,
)
from tests.directory.access.temptations import TEMPTATIONS, Tempted

TIMES = int(os.environ.get("HUTONG_EXAMPLES", "0")) or 1


class Requests(Life):
    """Some requests of one department to two others, one of them the office itself."""

    @initialize(
        steps=st.tuples(*[st.integers(0, 7)] * 4),
        who=st.sampled_from(["clerk", "both"]),
        courses=st.permutations(COURSES),
    )
    def begun(self, steps: tuple[int, ...], who: str, courses: list[tuple[str, ...]]) -> None:
        """One for each entry: each takes a course of its own from where that starts, or goes on for some steps."""
        for entry, number, course in zip(ENTRIES, steps, courses, strict=False):
            self.drafted(who, entry, 365)
            request_id = self.requests[-1]
            while number < 4 and not self.places[request_id] & set(STARTS[course[0]]):
                self._go_on(request_id, 1)
            if number < 4:
                self._run(request_id, *course)
            else:
                self._go_on(request_id, number)

    # What the requester's side does

    @rule(who=st.sampled_from(["clerk", "both"]), entry=st.sampled_from(ENTRIES), days=st.sampled_from([3, 60, 365]))
    def drafted(self, who: str, entry: str, days: int) -> None:
        if len(self.requests) < 5:
            self._new("created", lambda: create(self.session, self._actor(who), self._text(entry, days), self.now))

    @at("draft", "req_approved", "supplement_asked")
    @rule(which=WHICH, who=WHO, items=st.integers(1, 4), days=st.sampled_from([30, 365]))
    def amended(self, which: int, who: tuple[int, str], items: int, days: int) -> None:
        request_id = self._pick(which, "draft", "req_approved", "supplement_asked")
        if request_id:
            asked = self._text(self._entry_of(request_id), days, items)
            by = self._hand("amended", who)
            self._try("amended", lambda: amend(self.session, self._actor(by), request_id, asked, self.now))

    @at("draft")
    @rule(which=WHICH, who=WHO)
    def approved_by_its_department(self, which: int, who: tuple[int, str]) -> None:
        self._take(self._pick(which, "draft"), "req_approved", self._hand("req_approved", who))

    @at("req_approved", "supplement_asked")
    @rule(which=WHICH, who=WHO, has_paper=st.booleans())
    def handed_in(self, which: int, who: tuple[int, str], has_paper: bool) -> None:
        request_id = self._pick(which, "req_approved", "supplement_asked")
        if has_paper:
            self._paper(request_id)
        self._take(request_id, "submitted", self._hand("submitted", who))

    @at("supplement_asked", "req_approved")
    @rule(which=WHICH, who=WHO)
    def discarded(self, which: int, who: tuple[int, str]) -> None:
        self._take(self._pick(which, "supplement_asked", "req_approved"), "discarded", self._hand("discarded", who))

    @at("refused", "disputed")
    @rule(which=WHICH, who=WHO, act=st.sampled_from(["disputed", "escalated", "reconsidered", "settled"]))
    def disputed(self, which: int, who: tuple[int, str], act: str) -> None:
        self._take(self._pick(which, "refused" if act == "disputed" else "disputed"), act, self._hand(act, who))

    @at("suspended", "active")
    @rule(which=WHICH, who=WHO, act=st.sampled_from(["purpose_done", "terminated", "rectified"]))
    def ended_early_or_put_right(self, which: int, who: tuple[int, str], act: str) -> None:
        self._take(
            self._pick(which, "suspended", *(() if act == "rectified" else ("active",))), act, self._hand(act, who)
        )

    @at("active", "provisioned")
    @rule(which=WHICH, who=st.sampled_from(["clerk", "both"]), items=st.integers(1, 4), is_change=st.booleans())
    def changed_or_renewed(self, which: int, who: str, items: int, is_change: bool) -> None:
        request_id = self._pick(which, "active", "provisioned")
        if request_id is None:
            return
        asked = self._text(self._entry_of(request_id), 60 if is_change else 700, items)

        def act() -> Any:
            actor = self._actor(who)
            if is_change:
                return change(self.session, actor, request_id, asked, "业务调整", self.now)
            return renew(self.session, actor, request_id, asked, self.now)

        self._new("changed" if is_change else "renewed", act)

    # What the provider and the office do

    @at("submitted/acceptance")
    @rule(which=WHICH, who=WHO)
    def accepted(self, which: int, who: tuple[int, str]) -> None:
        self._take(self._pick(which, "submitted/acceptance"), "accepted", self._hand("accepted", who))

    @at("submitted/acceptance")
    @rule(which=WHICH, who=WHO, part=st.sampled_from(["papers", "items", "valid_until"]))
    def supplement_asked(self, which: int, who: tuple[int, str], part: str) -> None:
        self._take(
            self._pick(which, "submitted/acceptance"),
            "supplement_asked",
            self._hand("supplement_asked", who),
            missing=[part],
        )

    @at("submitted/provider", "submitted/office")
    @rule(which=WHICH, who=WHO, left_out=st.sets(st.sampled_from(FIELDS), max_size=2))
    def agreed(self, which: int, who: tuple[int, str], left_out: set[str]) -> None:
        refused = [{"item": item, "reason": REASON} for item in sorted(left_out)]
        self._take(
            self._pick(which, "submitted/provider", "submitted/office"),
            "agreed",
            self._hand("agreed", who),
            refused_items=refused,
        )

    @at("submitted/provider", "submitted/office")
    @rule(which=WHICH, who=WHO)
    def refused(self, which: int, who: tuple[int, str]) -> None:
        self._take(
            self._pick(which, "submitted/provider", "submitted/office"),
            "refused",
            self._hand("refused", who),
            reason=REASON,
        )

    @at("submitted/provider", "submitted/office")
    @rule(which=WHICH, who=WHO, days=st.sampled_from([1, 5, 10, 11]))
    def extension_asked(self, which: int, who: tuple[int, str], days: int) -> None:
        self._take(
            self._pick(which, "submitted/provider", "submitted/office"),
            "extension_asked",
            self._hand("extension_asked", who),
            days=days,
        )

    @at("submitted/provider", "submitted/office")
    @rule(which=WHICH, who=WHO, act=st.sampled_from(["extended", "extended", "extension_refused", "urged"]))
    def extension_decided(self, which: int, who: tuple[int, str], act: str) -> None:
        self._take(self._pick(which, "submitted/provider", "submitted/office"), act, self._hand(act, who))

    @at("active", "provisioned")
    @rule(which=WHICH, who=WHO, until=st.sampled_from([0, 5]))
    def suspended(self, which: int, who: tuple[int, str], until: int) -> None:
        day = (day_of(self.now) + timedelta(days=until)).isoformat() if until else None
        self._take(self._pick(which, "active", "provisioned"), "suspended", self._hand("suspended", who), until=day)

    @at("suspended")
    @rule(which=WHICH, who=WHO)
    def resumed(self, which: int, who: tuple[int, str]) -> None:
        self._take(self._pick(which, "suspended"), "active", self._hand("active", who))

    @at(
        "terminated/disposal",
        "expired/disposal",
        "purpose_done/disposal",
        "terminated/disposal_asked",
        "expired/disposal_asked",
        "purpose_done/disposal_asked",
    )
    @rule(which=WHICH, who=WHO, act=st.sampled_from(["disposal_asked", "disposed"]))
    def disposed_of(self, which: int, who: tuple[int, str], act: str) -> None:
        places = [f"{end}/{at}" for end in ("terminated", "expired", "purpose_done") for at in ("disposal", act)]
        certificate = CERTIFICATE | {"carried_out_on": day_of(self.now).isoformat()}
        said = {"reason": "销毁"} if act == "disposal_asked" else {"certificate": certificate}
        self._take(self._pick(which, *places), act, self._hand(act, who), **said)

    # What the nodes, the calendar and the clock do

    @at("agreed")
    @rule(which=WHICH)
    def confirmed_at_the_node(self, which: int) -> None:
        self._confirm_all(self._pick(which, "agreed"))

    @at("provisioned")
    @rule(which=WHICH)
    def rows_arrived(self, which: int) -> None:
        self._arrive_all(self._pick(which, "provisioned"))

    @at("agreed", "provisioned", "active", "suspended")
    @rule()
    def ended_by_the_calendar(self) -> None:
        today = day_of(self.now)
        self._try("expired", lambda: expire(self.session, self.town.city.app.state.directory_key, self.now))
        over = "SELECT id FROM request JOIN grant_record g ON g.request_id = id WHERE g.valid_until < :today"
        live = " AND state IN ('agreed', 'provisioned', 'active', 'suspended')"
        assert not self._rows(over + live, today=today), "its last day is past, and it is still in use"

    @rule(days=st.sampled_from([0, 1, 4, 12, 40, 400]), hours=st.integers(0, 23), luck=st.integers(0, 2))
    def clock_went_on(self, days: int, hours: int, luck: int) -> None:
        self.now += timedelta(days=days if luck == 0 else min(days, 1), hours=hours)

    @rule(back=st.sampled_from([timedelta(minutes=3), timedelta(hours=9), timedelta(days=3)]))
    def clock_went_back(self, back: timedelta) -> None:
        self.now = max(START, self.now - back)

    # What changes who may and how long it takes

    @rule(entry=st.sampled_from(["free", "free", "alone"]), who=st.sampled_from(["lead", "lead", "deputy", "hat"]))
    def standing_consent_signed(self, entry: str, who: str) -> None:
        def act() -> None:
            consents.sign(self.session, self._actor(who), self.entries[entry], "一律同意", self.now)

        self._try("consent", act)

    @rule(who=st.sampled_from(["lead", "own_lead"]))
    def standing_consent_revoked(self, who: str) -> None:
        for (consent_id,) in self._rows("SELECT id FROM standing_consent WHERE revoked_at IS NULL"):

            def act(consent_id: UUID = consent_id) -> None:
                consents.revoke(self.session, self._actor(who), consent_id, "不再同意", self.now)

            self._try("consent revoked", act)

    @rule(giver=st.sampled_from(sorted(GIVERS)), days=st.sampled_from([1, 10, 90]))
    def delegated(self, giver: str, days: int) -> None:
        role, to = GIVERS[giver]
        today, name = day_of(self.now), self.town.people[to].actor.username
        given = Given(role, name, today, today + timedelta(days=days), "出差")
        self._try("delegated", lambda: delegate(self.session, self._actor(giver), given, self.now))

    @rule(which=WHICH, giver=st.sampled_from(sorted(GIVERS)))
    def delegation_revoked(self, which: int, giver: str) -> None:
        found = self._rows("SELECT id FROM delegation WHERE revoked_at IS NULL ORDER BY created_at, role")
        if found:
            delegation_id = found[which % len(found)][0]
            self._try(
                "delegation revoked", lambda: take_back(self.session, self._actor(giver), delegation_id, self.now)
            )

    @rule(
        rule_id=st.sampled_from(["REPLY_CONDITIONAL", "REPLY_UNCONDITIONAL", "PROVIDE"]),
        days=st.sampled_from([1, 5, 15, 40]),
        ahead=st.sampled_from([0, 2]),
        is_by_sql=st.booleans(),
    )
    def local_rule_entered(self, rule_id: str, days: int, ahead: int, is_by_sql: bool) -> None:
        """Through the verb, which refuses a longer one; or by SQL past it, which must lengthen nothing either."""
        limit = LocalLimit(rule_id, day_of(self.now) + timedelta(days=ahead), days, 0 if days < 10 else 10)
        admin = self.town.people["administrator"].actor
        insert = text("INSERT INTO local_rule VALUES (:rule_id, :effective_on, :days, 10, '某文', :by, :now)")
        values = {
            "rule_id": rule_id, "effective_on": limit.effective_on, "days": days, "by": admin.account_id,
            "now": self.now,
        }  # fmt: skip

        def act() -> None:
            taken = "SELECT FROM local_rule WHERE rule_id = :rule_id AND effective_on = :effective_on"
            if not is_by_sql:
                enter(self.session, admin, limit, "某市实施办法", self.now)
            elif self.session.execute(text(taken), values).first() is None:
                self.session.execute(insert, values)

        self._try("local rule", act)

    # How it mostly goes, and how it never may

    @rule(who=WHO, act=st.sampled_from(["req_approved", "accepted", "agreed", "agreed", "refused"]))
    def all_at_once(self, who: tuple[int, str], act: str) -> None:
        self._take_all(act, self._hand(act, who), reason=REASON if act == "refused" else "")

    @at(*(place for places in STARTS.values() for place in places))
    @rule(which=WHICH, course=st.sampled_from(COURSES))
    def took_its_course(self, which: int, course: tuple[str, ...]) -> None:
        fit = [each for each in self.requests if self.places[each] & set(STARTS[course[0]])]
        for request_id in fit[which % len(fit) :][:1] if fit else []:
            self._run(request_id, *course)

    @rule(which=WHICH, who=st.sampled_from(PEOPLE), act=st.sampled_from(sorted(FIT)))
    def tried_out_of_turn(self, which: int, who: str, act: str) -> None:
        for request_id in self.requests[which : which + 1]:
            self._take(request_id, act, who, reason=REASON if act == "refused" else "")

    @rule(which=WHICH, steps=st.integers(1, 7))
    def went_on(self, which: int, steps: int) -> None:
        """The usual next steps, by whoever may; what another rule did before stays in the way."""
        for request_id in self.requests[which : which + 1]:
            self._go_on(request_id, steps)


@pytest.fixture(scope="module")
def machine(town: Town, administrator: Any, new_node: Callable[..., Any]) -> type[Requests]:
    """The machine over this town, with an entry of the office's own and people who wear two hats."""
    city, office = town.city, town.orgs["office"]
    made = {
        "both": city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD),
        "deputy": city.person(town.orgs["provider"], Role.EDITOR),
        "hat": city.person(office, Role.SHARING_LEAD, Role.OFFICE_APPROVER, Role.OFFICE_REVIEWER),
        "office_aide": city.person(office, Role.EDITOR),
        "administrator": administrator,
    }
    town.people.update(made)
    town.nodes["office"] = new_node("xxb", office)
    of_office = Town(
        city,
        town.orgs | {"provider": office},
        town.people | {"editor": made["office_aide"], "head": city.person(office, Role.DEPARTMENT_HEAD)},
        town.nodes,
    )
    free = conditional_sharing(share_type="unconditional", conditions="", scope="")
    needs_office: Sharing = conditional_sharing(needs_office_approval=True)
    entries = {
        "alone": town.publish("户籍人口基本信息", conditional_sharing()),
        "with_office": town.publish("人口库基础信息", needs_office),
        "free": town.publish("公共厕所位置", free),
        "of_office": of_office.publish(
            "主题库信息",
            needs_office,
            provider=Party(name=administrator.actor.org_name, code=office),
            mounts=(mount_of("zhu_ti", node="xxb"),),
        ),
    }
    values = {"town": town, "entries": entries, "done": Counter[str]()}
    return type("RequestsHere", (Requests,), values | {"open_session": staticmethod(city.app.state.sessions)})


@pytest.mark.parametrize("temptation", TEMPTATIONS, ids=lambda each: each.__name__)
def test_what_tempts_breaks_no_law(machine: type[Requests], temptation: Callable[[Tempted], None]) -> None:
    life = type("Here", (Tempted, machine), {})()
    try:
        temptation(life)
    finally:
        life.teardown()


@pytest.mark.hypothesis
def test_whoever_does_whatever_in_whatever_order_the_laws_hold(machine: type[Requests]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8 * TIMES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a life is read as it is; shrinking takes minutes
        ),
    )
    wanted = {
        "created",
        "req_approved",
        "submitted",
        "accepted",
        "agreed",
        "provisioned",
        "arrived",
        "suspended",
        "listed and done",
    }
    assert wanted <= machine.done.keys()

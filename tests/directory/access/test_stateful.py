"""Schemathesis' stateful run: what one operation answered is what the next is about, by the document's own links.

A life is some calls one after the other, mostly by somebody who may, with what somebody who knows the work would send
(``sensible.py``); else by anybody, with anything that the document allows. Each begins in the same town and is given up
at its end. After every call the laws of ``laws.py`` are asked of the tables, and one that was refused changed nothing.

``HUTONG_FUZZ=50`` lives that many of each theme from a new seed (``make fuzz``); ``HUTONG_FUZZ_SEED`` repeats one.
"""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.generation.stateful.state_machine import StepOutput, normalize_name
from sqlalchemy import text

from directory.declared import Declared, declared
from directory.permissions import PERMISSIONS
from tests.directory.access.conftest import Town, conditional_sharing
from tests.directory.access.laws import LAWS
from tests.directory.access.sensible import DOES, bodies
from tests.directory.access.test_decide import ALLOWED
from tests.directory.hostile.sending import CHECKS, send

Place = tuple[str, str]
IN_USE = r"uses$|requests/\{|grants/\{|ratings|item-changes"
"""Lives that begin with what is in use when they begin: the first of the list of uses."""
THEMES = {  # which operations, how many lives
    "requests|grants|ratings|item-changes|consents|cases|cart": 4,
    IN_USE: 4,
    "services": 1,
    "resources|duty-changes": 3,
    "corrections|objections|complaints": 3,
    "demands|responsibilities|negative-list|collection-checks": 3,
    "delegations|tokens|people|organisations|libraries": 2,
}
OFTEN = {"_transitions": 9, "_steps": 9}
OFTEN_IN_USE = {
    "_GET_api_v1_requests_request_id_": 6,
    "_POST_api_v1_grants_grant_id_transitions": 40,
    "_POST_api_v1_requests_request_id_uses": 6,
    "_PUT_api_v1_ratings_request_id_": 3,
}
"""What the lives are about, by how the rules that lead there end: so many times more often than the rest."""
SURELY = {
    "GET /api/v1/requests/{request_id}", "POST /api/v1/requests/{request_id}/uses",
    "POST /api/v1/grants/{grant_id}/transitions", "PUT /api/v1/ratings/{request_id}",
}  # fmt: skip
"""What no run misses, whatever else it meets: a grant that is suspended or ended, a use that is recorded and rated."""
STEPS = 30
LEAST = 32
"""So many operations at the least succeed with what another answered; a run that reaches fewer shows nothing."""
LIVES = int(os.environ.get("HUTONG_FUZZ", "0"))
SEED = int(os.environ.get("HUTONG_FUZZ_SEED", "0")) or (random.SystemRandom().randrange(1, 2**31) if LIVES else 3)
MOVES = "POST /api/v1/requests/{request_id}/transitions"
LISTS = {
    "GET /api/v1/uses",
    "GET /api/v1/libraries",
    "GET /api/v1/organisations",
    "GET /api/v1/people",
}  # something is in them at once
NO_BEGINNING = {f"POST /api/v1/{each}" for each in (
    "collection-checks/file", "complaints/paper", "demands/import", "libraries", "negative-list/import",
    "organisations", "organisations/import", "people", "resources/import", "responsibilities/import",
    "resources/transitions",
)}  # fmt: skip
INSIDERS = ("clerk", "second_clerk", "own_lead", "lead", "editor", "head", "reviewer", "approver")
UNSENT = {"draft", "req_approved"}
PAPER = {"file": ("说明.pdf", b"%PDF-1.4\n", "application/pdf")}
STANDING = """
    SELECT md5(string_agg(concat_ws(' ', id, state, stage, version, step_seq, due_on), ',' ORDER BY id)),
           (SELECT count(*) FROM request_step), (SELECT count(*) FROM grant_record),
           (SELECT count(*) FROM request_clock)
      FROM request"""
WAITING = """
    SELECT g.grant_id, r.state FROM grant_record g JOIN request r ON r.id = g.request_id
     WHERE r.state = 'agreed' AND g.countersigned_at IS NULL OR r.state = 'provisioned' AND r.arrived_at IS NULL"""


class Everything:
    """Which rules a life may use: all. Lives as short as these would go without most otherwise."""

    def is_enabled(self, name: str) -> bool:
        return True


class Calls:
    """What every life does at each call, beside Schemathesis' own machine."""

    town: Town
    bodies: Mapping[str, Any]
    policies: Mapping[str, Declared]
    first_rows: Callable[[str], None]
    wrong: ClassVar[dict[str, str]] = {}
    seen: ClassVar[defaultdict[str, Counter[int]]] = defaultdict(Counter)
    reached: ClassVar[Counter[str]] = Counter()
    said: ClassVar[Counter[str]] = Counter()

    def setup(self) -> None:
        """Every session is of one transaction from now on, which is given up in the end."""
        me: Any = self
        me.control.max_operations_per_source = 4
        me._rules_strategy.enabled_rules_strategy = st.just(Everything())
        self.hands: dict[str, str] = {}
        self.is_begun = False
        state = self.town.city.app.state
        self.connection = state.engine.connect()
        self.connection.begin()
        self.reading, state.reading_sessions = state.reading_sessions, state.sessions
        state.sessions.configure(bind=self.connection, join_transaction_mode="create_savepoint")

    def teardown(self) -> None:
        state = self.town.city.app.state
        state.sessions.configure(bind=state.engine, join_transaction_mode="conditional_savepoint")
        state.reading_sessions = self.reading
        self.connection.rollback()
        self.connection.close()

    def step(self, input: Any) -> StepOutput | None:
        """One call, judged; what it answered is kept if something leads on from it."""
        case, came_from, me = input.case, input.transition, self
        luck = int(case.headers.pop("x-luck", "0"))
        if not self.is_begun and luck == 0:
            reject()  # the life in which everything is as simple as can be, which is the first one always
        self.is_begun, chance = True, random.Random(luck)
        if came_from is not None and not input.is_applied and chance.random() < 0.8:
            return None  # what it leads to is not there yet: unknown ids are asked for often enough
        label, place = case.operation.label, self._place(case)
        if label in self.bodies and chance.random() < 0.92:
            linked = came_from.request_body.value.ok() if came_from and came_from.request_body else {}
            case.body = self.bodies[label](chance, place) | linked
        maker = self.hands.get(came_from.parent_id) if came_from else None
        who = self.hands[case.id] = self._who(chance, case, place, maker)
        before = self._rows(STANDING)
        answer = self._sent(chance, self.town.people[who].client, case)
        self.seen[label][answer.status_code] += 1
        if answer.status_code < 300 and came_from is not None and input.is_applied:
            self.reached[label] += 1
        try:
            self._judge(case, place, answer, before)
            if chance.random() < 0.8:
                self._nodes_do_theirs()
        except (AssertionError, FailureGroup) as error:
            self.wrong.setdefault(f"{label} as {who}", f"{case.path_parameters} {case.body!r:.600} {error!s:.3000}")
        machine: Any = me
        output = StepOutput(Response.from_any(answer), case)
        machine.recorder.record_response(case_id=case.id, response=output.response)
        return output if machine._feeds_later_steps(output) else None

    def _sent(self, chance: random.Random, client: Any, case: Any) -> Any:
        if isinstance(case.body, dict) and case.body.keys() == PAPER.keys() and chance.random() < 0.85:
            return client.post(case.operation.path.format(**case.path_parameters), files=PAPER)
        return send(client, case)

    def _judge(self, case: Any, place: Place | None, answer: Any, before: Any) -> None:
        """As the document says, legal where it was done, nothing changed where it was refused; and the laws hold."""
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            self.said[answer.json()["code"]] += 1
            assert self._rows(STANDING) == before, "refused, and something is changed"
            assert {"detail", "next_step"} <= answer.json().keys()
        elif case.operation.label == MOVES:
            self.said[case.body["to"]] += 1
            assert case.body["to"] in ALLOWED[place or ("", "")], f"from {place} nobody does that"
        self._laws()

    def _laws(self) -> None:
        """With all that the database checks at a commit."""
        self.connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        broken = {law: str(found[0][0]) for law, sql in LAWS.items() if (found := self._rows(sql))}
        assert not broken, broken

    def _nodes_do_theirs(self) -> None:
        """What was agreed to is confirmed at the provider's node, and then rows arrive."""
        for grant_id, state in self._rows(WAITING):
            if state == "agreed":
                answer = self.town.countersign(grant_id)
                assert answer.status_code == 200, answer.text
            else:
                self.first_rows(grant_id)
            self._laws()

    def _place(self, case: Any) -> Place | None:
        request_id = str((case.path_parameters or {}).get("request_id", ""))
        found = self._rows("SELECT state, stage FROM request WHERE id::text = :id", id=request_id)
        return (found[0][0], found[0][1]) if found else None

    def _who(self, chance: random.Random, case: Any, place: Place | None, maker: str | None) -> str:
        """Mostly one who may, of those whom it concerns; else anybody."""
        label, luck = case.operation.label, chance.random()
        if luck < 0.1 or label not in self.policies:
            return chance.choice(sorted(self.town.people))
        if label == MOVES and place and isinstance(case.body, dict):
            may = ALLOWED[place].get(str(case.body.get("to")), set()) & self.town.people.keys()
            return chance.choice(sorted(may) or INSIDERS)
        if label in DOES:
            return chance.choice(DOES[label])
        if maker is not None and luck < 0.6:
            return maker
        near = INSIDERS[:3] if place and place[0] in UNSENT else INSIDERS
        wanted = {role for action in self.policies[label].actions for role in PERMISSIONS[action]}
        return chance.choice([who for who in near if self.town.people[who].actor.roles & wanted] or near)

    def _rows(self, sql: str, **values: Any) -> Any:
        return self.connection.execute(text(sql), values).all()


@pytest.fixture(scope="module")
def calls(town: Town, administrator: Any, first_rows: Callable[[str], None], in_use: Callable[..., str]) -> type[Calls]:
    """The calls of this town, in which three entries are published and one of them is in use."""
    town.people["administrator"] = administrator
    entries = {
        "alone": town.publish("户籍人口基本信息", conditional_sharing()),
        "with_office": town.publish("人口库基础信息", conditional_sharing(needs_office_approval=True)),
        "free": town.publish("公厕位置", conditional_sharing(share_type="unconditional", conditions="", scope="")),
    }
    found = {"bodies": bodies(town, entries, in_use(entries["alone"])), "policies": dict(_policies(town.city.app))}
    return type("CallsHere", (Calls,), found | {"town": town, "first_rows": staticmethod(first_rows)})


@pytest.mark.hypothesis
def test_what_one_answered_the_next_is_about(calls: Any) -> None:
    print(f"HUTONG_FUZZ_SEED={SEED}")
    document = calls.town.city.app.openapi()
    for theme, lives in THEMES.items():
        machine = _machine(document, theme, calls)
        for life in range(LIVES or lives):
            seed(SEED + life)(machine)
            with suppress(Flaky):  # ids are new each time, so none is lived twice alike; it was judged as it went
                machine.run(
                    settings=settings(
                        max_examples=1,
                        stateful_step_count=STEPS,
                        deadline=None,
                        database=None,
                        phases=[Phase.generate],
                        suppress_health_check=list(HealthCheck),
                    )
                )
    print(*(f"{calls.reached[label]} {label} {dict(seen)}" for label, seen in sorted(calls.seen.items())), sep="\n")
    print(len(calls.reached), dict(calls.said))
    assert not calls.wrong, "\n\n".join(f"{what}: {why}" for what, why in calls.wrong.items())
    assert len(calls.reached) >= LEAST, sorted(calls.reached)
    assert calls.reached.keys() >= SURELY, sorted(calls.reached)
    assert {"req_approved", "submitted", "MOVE_ILLEGAL"} <= calls.said.keys()


def _machine(document: Any, theme: str, calls: type[Calls]) -> Any:
    """Schemathesis' machine of these operations by the document's links alone; it begins with what makes something."""
    schema = schemathesis.openapi.from_dict(document).include(path_regex=f"^/api/v1/({theme})")
    schema.config.phases.stateful.inference.algorithms = []
    schema.config.generation.update(modes=[GenerationMode.POSITIVE])

    def flatmap_case(context: Any, case: Any) -> Any:
        return st.integers(0, 2**20).map(lambda luck: _with_luck(case, luck))

    schema.hook(flatmap_case)
    base: Any = schema.as_state_machine()
    labels = {found.ok().label for found in schema.get_all_operations()}
    barred = {
        each for each in labels if "{" in each or each in NO_BEGINNING or (each[:3] == "GET" and each not in LISTS)
    }
    rules: dict[str, Any] = dict.fromkeys({normalize_name(f"RANDOM -> {each}") for each in barred} & base.root_rules)
    about = OFTEN_IN_USE if theme == IN_USE else OFTEN
    led = [name for name in dir(base) if name not in base.root_rules]
    often = [(name, times) for name in led for end, times in about.items() if name.endswith(end)]
    rules |= {f"{name}_{again}": getattr(base, name) for name, times in often for again in range(times)}
    return type("Life", (calls, base), rules)


def _with_luck(case: Any, luck: int) -> Any:
    case.headers["x-luck"] = str(luck)
    return case


def _policies(app: Any) -> Iterator[tuple[str, Declared]]:
    for route in app.routes:
        found = declared(route.endpoint) if isinstance(route, APIRoute) else None
        if found is not None:
            yield from ((f"{method} {route.path}", found) for method in route.methods)

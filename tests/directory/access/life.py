"""What the machine of requests is made of: taking steps, picking requests and people, and asking the laws."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
)
from sqlalchemy import text
from sqlalchemy.orm import Session

from directory.access.batch import move_many
from directory.access.bind import arrived, countersign
from directory.access.comments import attach
from directory.access.decide import decide
from directory.access.said import Said
from directory.access.states import Act
from directory.accounts.models import LoginSession
from directory.actors import Actor, resume
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.nodes.queries import signer
from directory.roles import Role
from metadata.access import AccessRequest, Countersignature, Countersigned, Grant
from metadata.signed import Signed
from standards.crypto import digest
from tests.directory.access.conftest import CERTIFICATE, ITEMS, REASON, Town
from tests.directory.access.laws import LAWS, NOT_HELD, OTHER_LENGTH, WRITTEN_ONCE

START = datetime(2026, 1, 12, 1, tzinfo=UTC)  # so that terms run across the Spring Festival and its make-up days
FIELDS = tuple(item.field for item in ITEMS)
ENTRIES = ("alone", "with_office", "free", "of_office")
PEOPLE = (
    "clerk", "second_clerk", "both", "own_lead", "lead", "deputy", "reviewer", "approver", "hat", "office_aide",
    "outside_lead",
)  # fmt: skip
FIT = {  # whoever might, those first who are tempted to be a second hand
    "amended": ("clerk", "both", "second_clerk"),
    "req_approved": ("clerk", "both", "second_clerk", "own_lead"),
    "submitted": ("clerk", "both", "second_clerk"),
    "accepted": ("office_aide", "reviewer", "hat"),
    "supplement_asked": ("reviewer", "office_aide"),
    "agreed": ("deputy", "lead", "hat", "office_aide", "approver"),
    "refused": ("lead", "approver", "hat", "deputy"),
    "extension_asked": ("lead", "hat", "deputy"),
    "extended": ("hat", "office_aide", "approver"),
    "extension_refused": ("approver", "hat", "office_aide"),
    "urged": ("reviewer", "approver"),
    "disputed": ("own_lead", "both"),
    "dispute_answered": ("lead", "approver", "hat"),
    "escalated": ("own_lead", "both"),
    "reconsidered": ("lead", "approver", "hat"),
    "settled": ("own_lead",),
    "discarded": ("clerk", "own_lead", "both"),
    "suspended": ("lead", "approver", "hat", "deputy"),
    "rectified": ("own_lead", "both", "second_clerk"),
    "active": ("lead", "approver", "hat"),
    "terminated": ("own_lead", "approver", "hat", "both"),
    "purpose_done": ("own_lead", "both"),
    "disposal_asked": ("lead", "hat"),
    "disposed": ("own_lead", "both"),
}  # fmt: skip
USUAL = {
    ("draft", ""): "req_approved",
    ("req_approved", ""): "submitted",
    ("submitted", "acceptance"): "accepted",
    ("submitted", "provider"): "agreed",
    ("submitted", "office"): "agreed",
    ("supplement_asked", ""): "submitted",
    ("refused", ""): "disputed",
    ("disputed", "negotiation"): "reconsidered",
}
COURSES = (
    ("extension_asked", "extended"),
    ("extension_asked", "extension_refused"),
    ("supplement_asked", "submitted", "accepted"),
    ("refused", "disputed", "reconsidered", "agreed"),
    ("refused", "disputed", "dispute_answered", "escalated", "dispute_answered", "escalated", "dispute_answered"),
    ("suspended", "rectified", "active"),
    ("suspended", "terminated"),
    ("purpose_done", "disposal_asked", "disposed"),
)
STARTS = {
    "extension_asked": ("submitted/provider", "submitted/office"),
    "supplement_asked": ("submitted/acceptance",),
    "refused": ("submitted/provider", "submitted/office"),
    "suspended": ("active", "provisioned"),
    "purpose_done": ("active",),
}
GIVERS = {
    "own_lead": (Role.SHARING_LEAD, "second_clerk"),
    "both": (Role.SHARING_LEAD, "clerk"),
    "lead": (Role.SHARING_LEAD, "deputy"),
    "reviewer": (Role.OFFICE_REVIEWER, "office_aide"),
    "approver": (Role.OFFICE_APPROVER, "office_aide"),
    "hat": (Role.SHARING_LEAD, "approver"),
}
WHICH = st.integers(0, 7)
WHO = st.tuples(st.integers(0, 5), st.sampled_from(PEOPLE))  # mostly one of those whom it fits


def at(*places: str) -> Any:
    """Only while some request stands at one of these places."""
    return precondition(lambda machine: machine._pick(0, *places) is not None)


class Life(RuleBasedStateMachine):
    """Some requests and everybody who may have to do with them, in a transaction; the rules are the machine's."""

    town: Town
    entries: dict[str, str]
    open_session: Callable[[], Session]
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.session, self.now = self.open_session(), START
        self.requests: list[UUID] = []
        self.places: dict[UUID, set[str]] = {}
        self.kept: dict[tuple[str, str], str] = {}
        for who in PEOPLE:
            self.session.add(
                LoginSession(
                    token_hash=digest(who.encode()), account_id=self.town.people[who].actor.account_id, kind="api",
                    created_at=START, last_seen_at=START + timedelta(days=3000), ends_at=START + timedelta(days=3000),
                )
            )  # fmt: skip
        self.session.execute(text("DELETE FROM login_failure"))
        self._begin()

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    @invariant()
    def the_laws_hold(self) -> None:
        broken = {law: found for law, sql in LAWS.items() if (found := [str(row[0]) for row in self._rows(sql)])}
        assert not broken, (broken, [tuple(row) for row in self._rows(
            "SELECT seq, version, act, state, stage, decider_name, decided_at::text FROM request_step"
            " WHERE request_id::text = :id ORDER BY seq", id=next(iter(broken.values()))[0])])  # fmt: skip

    @invariant()
    def what_was_written_stays(self) -> None:
        now = {(kind, which): said for kind, which, said in self._rows(WRITTEN_ONCE)}
        assert {key: now.get(key) for key in self.kept} == self.kept
        new = now.keys() - self.kept.keys()
        steps, terms = ([which for kind, which in new if kind == each] for each in ("step", "term begun"))
        assert not self._rows(NOT_HELD, steps=steps, today=day_of(self.now))
        assert not self._rows(OTHER_LENGTH, terms=terms)
        for grant_id in [which for kind, which in new if kind == "grant"]:
            self._is_least(grant_id)
        self.kept = now

    def _is_least(self, grant_id: str) -> None:
        """A grant gives nothing that was not asked for, or was left out of the agreement (Art. 25)."""
        (body, request_id, asked, basis), = self._rows(
            "SELECT g.body, r.id, v.record -> 'items', v.record ->> 'basis' FROM grant_record g"
            " JOIN request r ON r.id = g.request_id"
            " JOIN request_version v ON v.request_id = r.id AND v.version = r.version WHERE grant_id = :id",
            id=grant_id,
        )  # fmt: skip
        grant = Grant.from_bytes(Signed.from_bytes(bytes(body)).payload_bytes())
        began = "(SELECT max(seq) FROM request_step WHERE request_id = :id AND act IN ('submitted', 'reconsidered'))"
        refused = self._rows(
            f"SELECT item FROM request_item_refusal WHERE request_id = :id AND step_seq > {began}",
            id=request_id,
        )
        assert {item.field for item in grant.items} == set(asked) - {item for (item,) in refused}
        assert grant.basis == basis

    def _begin(self) -> None:
        self.kept = {(kind, which): said for kind, which, said in self._rows(WRITTEN_ONCE)}

    def _rows(self, sql: str, **values: Any) -> Any:
        return self.session.execute(text(sql), values).all()

    def _actor(self, who: str) -> Actor:
        """As the service knows whoever calls now, with the roles they hold for colleagues on this day."""
        actor = resume(self.session, who, "api", timedelta(days=5000), self.now)
        assert actor is not None
        return actor

    def _text(self, entry: str, days: int, items: int = 4) -> AccessRequest:
        until = (day_of(self.now) + timedelta(days=days)).isoformat()
        asked = self.town.asks(self.entries[entry], valid_until=until, items=list(FIELDS[:items]))
        return AccessRequest.model_validate(asked)

    def _entry_of(self, request_id: UUID) -> str:
        resource_id = str(self._rows("SELECT resource_id FROM request WHERE id = :id", id=request_id)[0][0])
        return next(name for name, ref in self.entries.items() if ref == resource_id)

    def _pick(self, which: int, *places: str) -> UUID | None:
        """One that stands at one of these places."""
        fit = [each for each in self.requests if self.places[each] & set(places)]
        return fit[which % len(fit)] if fit else None

    def _look(self) -> None:
        found = self._rows("SELECT id, state, stage FROM request")
        self.places = {each: {state, f"{state}/{stage}"} for each, state, stage in found}

    def _hand(self, act: str, who: tuple[int, str]) -> str:
        luck, anybody = who
        return FIT[act][luck % len(FIT[act])] if luck else anybody

    def _take(self, request_id: UUID | None, act: str, by: str, **said: Any) -> bool:
        if request_id is None:
            return False
        key, words = self.town.city.app.state.directory_key, Said.model_validate({"comment": "说明理由"} | said)

        def take() -> None:
            decide(self.session, self._actor(by), key, request_id, Act(act), self.now, words, suite_2=frozenset())

        return self._try(act, take)

    def _take_all(self, act: str, by: str, **said: Any) -> None:
        """The same step for every request there is, in one list."""
        key, words = self.town.city.app.state.directory_key, Said.model_validate(said)
        outcomes: dict[UUID, DirectoryError | None] = {}

        def take() -> None:
            listed = [self.session, self._actor(by), key, self.requests, Act(act), self.now, words]
            outcomes.update(move_many(*listed, suite_2=frozenset()))

        assert self._try("listed", take)
        self.done.update("listed and done" if error is None else error.code for error in outcomes.values())

    def _new(self, what: str, act: Callable[[], Any]) -> None:
        made: list[UUID] = []
        if len(self.requests) < 7 and self._try(what, lambda: made.append(act().id)):
            self.requests += made

    def _confirm(self, grant_id: str, node: str) -> None:
        (found,) = self._rows("SELECT digest FROM grant_record WHERE grant_id = :id", id=grant_id)
        said = Countersignature(grant_id=grant_id, grant_digest=found[0], node_id=node, confirmed_at=self.now)
        key = next(each for each in self.town.nodes.values() if each.name == node).identity
        told = Countersigned(countersignature=Signed.sign("countersignature/1", said, key), confirmed_by="张三")
        speaker = signer(self.session, node)
        assert speaker is not None
        countersign(self.session, speaker, self.town.city.app.state.directory_key, grant_id, told, self.now)

    def _arrive(self, route_id: str) -> None:
        speaker = signer(self.session, "renshe")
        assert speaker is not None
        arrived(self.session, speaker, route_id, self.now)

    def _try(self, what: str, act: Callable[[], object]) -> bool:
        """Whether it was done. What is refused is refused by name; the database refuses nothing that we let pass."""
        self.session.info.clear()
        try:
            with self.session.begin_nested():
                act()
                self.session.flush()
                self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        except DirectoryError as refused:
            self.done[refused.code] += 1
            return False
        finally:
            self.session.expire_all()
        self.done[what] += 1
        self._look()
        return True

    def _confirm_all(self, request_id: UUID | None) -> None:
        for grant_id, node in self._rows(
            "SELECT grant_id, provider_node FROM grant_record JOIN route USING (route_id) WHERE request_id = :id",
            id=request_id,
        ):
            self._try("provisioned", lambda grant_id=grant_id, node=node: self._confirm(grant_id, node))

    def _arrive_all(self, request_id: UUID | None) -> None:
        for (route_id,) in self._rows("SELECT route_id FROM grant_record WHERE request_id = :id", id=request_id):
            self._try("arrived", lambda route_id=route_id: self._arrive(route_id))

    def _go_on(self, request_id: UUID, steps: int) -> None:
        for _ in range(steps):
            state, stage = self._rows("SELECT state, stage FROM request WHERE id = :id", id=request_id)[0]
            act = USUAL.get((state, stage))
            if state == "agreed":
                self._confirm_all(request_id)
            elif state == "provisioned":
                self._arrive_all(request_id)
            elif act is None or not self._run(request_id, act):
                return

    def _run(self, request_id: UUID, *acts: str) -> bool:
        """These acts one after the other, each tried by all whom it fits until somebody may; whether all were taken."""
        certificate = CERTIFICATE | {"carried_out_on": day_of(self.now).isoformat()}
        said: dict[str, dict[str, Any]] = {
            "refused": {"reason": REASON},
            "extension_asked": {"days": 5},
            "supplement_asked": {"missing": ["papers"]},
            "disposal_asked": {"reason": "销毁"},
            "disposed": {"certificate": certificate},
        }
        for act in acts:
            if act == "submitted":
                self._paper(request_id)
            if not any(self._take(request_id, act, who, **said.get(act, {})) for who in FIT[act]):
                return False
        return True

    def _paper(self, request_id: UUID | None) -> None:
        """What a notice asked for comes as a paper."""
        if request_id and self._rows(
            "SELECT 1 FROM request WHERE id = :id AND state = 'supplement_asked'", id=request_id
        ):
            sent = (request_id, "授权书.pdf", b"%PDF-1.7", self.now)
            self._try("attached", lambda: attach(self.session, self._actor("clerk"), *sent))

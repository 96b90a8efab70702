"""What somebody might try, step by step, in a town whose service is wrong in one place: each life breaks a law then.

The lives of ``test_machine.py`` come upon such a thing by luck; these go for it. In a service that is right each is
refused by name or lawful, and the laws are asked after every step. ``laws.py`` says which of them catches what.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import text

from directory.access import consents
from directory.access.drafting import create
from directory.access.expiry import expire
from directory.clock.deadlines import LocalLimit, day_of
from directory.delegations.give import Given, delegate
from directory.delegations.give import revoke as take_back
from directory.rules.enter import enter
from metadata.access import AccessRequest
from tests.directory.access.conftest import REASON
from tests.directory.access.life import FIELDS, GIVERS, Life


class Tempted(Life):
    """A life in which one thing after another is tried by name."""

    def begin(self, who: str, entry: str, *steps: tuple[str, str], **changes: Any) -> None:
        """A request of this person's for this entry, and what is done to it first."""
        until = (day_of(self.now) + timedelta(days=365)).isoformat()
        asked = {"valid_until": until, "items": list(FIELDS)} | changes
        made: list[Any] = []

        def draft() -> None:
            text_of = AccessRequest.model_validate(self.town.asks(self.entries[entry], **asked))
            made.append(create(self.session, self._actor(who), text_of, self.now).id)

        try:
            self._try("created", draft)
        except ValidationError:
            self.done["INPUT"] += 1
        self.request = made[0] if made else None
        self.requests += made
        for by, act in steps:
            self.step(by, act)

    def step(self, who: str, act: str, **said: Any) -> bool:
        """Whether this person could do that; the laws hold either way."""
        could = self._take(self.request, act, who, **said)
        self.ask()
        return could

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)

    def stand_in(self, giver: str, days: int = 30) -> Any:
        """The delegation of this person's role to the colleague of ``GIVERS``, from today on."""
        role, to = GIVERS[giver]
        today, name, made = day_of(self.now), self.town.people[to].actor.username, []
        given = Given(role, name, today, today + timedelta(days=days), "出差")
        self._try("delegated", lambda: made.append(delegate(self.session, self._actor(giver), given, self.now)))
        return made[0].id

    def served(self) -> None:
        """The nodes do theirs for what was agreed to."""
        self._confirm_all(self.request)
        self._arrive_all(self.request)
        self.ask()

    def ask(self) -> None:
        self.the_laws_hold()
        self.what_was_written_stays()


_HANDED_IN: Final = (("own_lead", "req_approved"), ("clerk", "submitted"))
_ACCEPTED: Final = (*_HANDED_IN, ("reviewer", "accepted"))


def a_refusal_is_taken_back(life: Tempted) -> None:
    """a: the term after a dispute begins anew, on the day on which the refusal is reconsidered."""
    life.begin("clerk", "alone", *_ACCEPTED)
    life.later(1)
    assert life.step("lead", "refused", reason=REASON)
    life.later(1)
    assert life.step("own_lead", "disputed")
    life.later(3)
    assert life.step("lead", "reconsidered")
    life.later(1)
    assert life.step("lead", "agreed")
    life.served()


def a_local_rule_is_longer(life: Tempted) -> None:
    """b: entered by the verb, and by SQL past it; and then more is asked for than Article 21 gives."""
    admin, today = life.town.people["administrator"].actor, day_of(life.now)
    for rule_id in ("REPLY_CONDITIONAL", "PROVIDE"):
        limit = LocalLimit(rule_id, today + timedelta(days=1), 40, 40)
        life._try("local rule", lambda limit=limit: enter(life.session, admin, limit, "某办法", life.now))
        insert = text("INSERT INTO local_rule VALUES (:rule_id, :on, 40, 40, '某文', :by, :now)")
        said = {"rule_id": rule_id, "on": today, "by": admin.account_id, "now": life.now}
        life._try("local rule", lambda insert=insert, said=said: life.session.execute(insert, said))
    life.later(1)
    life.begin("clerk", "alone", *_ACCEPTED)
    life.step("lead", "extension_asked", days=30)
    life.step("approver", "extended")
    life.step("lead", "agreed")


def who_created_it_approves_by_a_delegate(life: Tempted) -> None:
    """c, h: by themselves, and by whom they gave their role to."""
    life.stand_in("both")
    life.begin("both", "alone")
    life.step("both", "req_approved")
    life.step("clerk", "req_approved")
    life.step("both", "submitted")


def one_hand_agrees_for_both(life: Tempted) -> None:
    """c: a provider's lead who is the office's approver too, once for each, by a delegate or in person."""
    delegation = life.stand_in("hat")
    life.begin("clerk", "of_office", *_ACCEPTED)
    assert life.step("approver", "agreed")
    life.step("hat", "agreed")
    life.step("approver", "agreed")
    life._try("revoked", lambda: take_back(life.session, life._actor("hat"), delegation, life.now))
    life.begin("clerk", "of_office", *_ACCEPTED)
    assert life.step("hat", "agreed")
    life.step("hat", "agreed")


def an_extension_is_granted_by_its_asker(life: Tempted) -> None:
    """d: in person, and where a delegate asked in the asker's name."""
    life.begin("clerk", "of_office", *_ACCEPTED)
    assert life.step("hat", "extension_asked", days=5)
    life.step("hat", "extended")
    delegation = life.stand_in("hat")
    life.begin("clerk", "of_office", *_ACCEPTED)
    assert life.step("approver", "extension_asked", days=5)
    life.step("hat", "extended")
    life.step("approver", "extended")
    life._try("revoked", lambda: take_back(life.session, life._actor("hat"), delegation, life.now))


def one_hand_answers_on_every_level(life: Tempted) -> None:
    """k: before the government what was answered as the authority, in person and by a delegate."""
    life.begin("clerk", "alone", *_ACCEPTED)
    assert life.step("lead", "refused", reason=REASON)
    assert life.step("own_lead", "disputed")
    assert life.step("own_lead", "escalated")
    assert life.step("approver", "dispute_answered")
    assert life.step("own_lead", "escalated")
    life.step("approver", "dispute_answered")
    delegation = life.stand_in("approver")
    life.step("office_aide", "dispute_answered")
    life._try("revoked", lambda: take_back(life.session, life._actor("approver"), delegation, life.now))
    assert life.step("hat", "dispute_answered")


def a_request_rests_on_nothing(life: Tempted) -> None:
    """e: no legal basis, and one of blanks."""
    for basis in ("", "  "):
        life.begin("clerk", "alone", basis=basis)
        if life.request is not None:
            for who, act in (*_ACCEPTED, ("lead", "agreed")):
                life.step(who, act)


def a_consent_is_over(life: Tempted) -> None:
    """f: revoked before the request came; and given to what was published before."""
    free = life.entries["free"]
    life._try("consent", lambda: consents.sign(life.session, life._actor("lead"), free, "一律同意", life.now))
    for (consent_id,) in life._rows("SELECT id FROM standing_consent WHERE revoked_at IS NULL"):

        def revoke(each: Any = consent_id) -> None:
            consents.revoke(life.session, life._actor("lead"), each, "不再同意", life.now)

        life._try("revoked", revoke)
    life.begin("clerk", "free", *_ACCEPTED)
    lead = life.town.people["lead"].actor
    insert = text(
        "INSERT INTO standing_consent (id, resource_id, resource_version, is_backflow, org_code, words, signed_by,"
        " signer_name, signed_at) VALUES (gen_random_uuid(), :entry, 99, false, :org, '一律同意', :by, '李四', :now)"
    )
    said = {"entry": free, "org": lead.org_code, "by": lead.account_id, "now": life.now}
    life._try("consent", lambda: life.session.execute(insert, said))
    life.begin("clerk", "free", *_ACCEPTED)


def what_is_missing_is_asked_for_twice(life: Tempted) -> None:
    """g: the term begins anew with what was supplemented, and only what is missing newly is asked for again."""
    life.begin("clerk", "alone", *_HANDED_IN)
    life.later(1)
    assert life.step("reviewer", "supplement_asked", missing=["papers"])
    life.later(2)
    assert not life.step("clerk", "submitted")
    life._paper(life.request)
    assert life.step("clerk", "submitted")
    life.later(1)
    life.step("reviewer", "supplement_asked", missing=["papers"])
    life.step("reviewer", "supplement_asked", missing=["items", "basis"])
    life.step("clerk", "submitted")


def the_requester_decides(life: Tempted) -> None:
    """h: for the provider, where the provider is to."""
    life.begin("clerk", "alone", *_ACCEPTED)
    for who in ("clerk", "own_lead", "both", "second_clerk", "outside_lead"):
        life.step(who, "agreed")


def a_delegation_is_over(life: Tempted) -> None:
    """i: its last day is past; it was taken back."""
    life.stand_in("own_lead", 1)
    life.later(3)
    life.begin("clerk", "alone")
    life.step("second_clerk", "req_approved")
    delegation = life.stand_in("own_lead")
    life._try("revoked", lambda: take_back(life.session, life._actor("own_lead"), delegation, life.now))
    life.begin("clerk", "alone")
    life.step("second_clerk", "req_approved")


def nobody_answers(life: Tempted) -> None:
    """j: silence is neither consent nor refusal; the request stays open past its day."""
    life.begin("clerk", "alone", *_ACCEPTED)
    life.later(60)
    key = life.town.city.app.state.directory_key
    life._try("expired", lambda: expire(life.session, key, life.now))
    life.ask()
    life.step("reviewer", "urged")


TEMPTATIONS: Final[tuple[Callable[[Tempted], None], ...]] = (
    a_refusal_is_taken_back,
    a_local_rule_is_longer,
    who_created_it_approves_by_a_delegate,
    one_hand_agrees_for_both,
    an_extension_is_granted_by_its_asker,
    one_hand_answers_on_every_level,
    a_request_rests_on_nothing,
    a_consent_is_over,
    what_is_missing_is_asked_for_twice,
    the_requester_decides,
    a_delegation_is_over,
    nobody_answers,
)

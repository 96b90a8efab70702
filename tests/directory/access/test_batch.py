"""What many leave together is what each leaves by itself: the same steps, terms, grants, notices and entries."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from directory.access.batch import move_many
from directory.access.decide import decide
from directory.access.said import RefusedItem, Said
from directory.access.states import Act
from directory.actors import Actor
from directory.clock.today import shanghai_today
from directory.delegations.held import Delegated
from directory.errors import DirectoryError
from directory.roles import Role
from metadata.access import Grant
from metadata.signed import Signed
from tests.directory.access.conftest import (
    REASON,
    TO_ACCEPTED,
    TO_AGREED,
    TO_ENDORSED,
    TO_SUBMITTED,
    Town,
    conditional_sharing,
    mount_of,
)
from tests.directory.access.test_sides import free_sharing
from tests.directory.lists.test_negatives import listed as list_item

NOW = datetime.now(UTC) + timedelta(minutes=1)
Outcomes = dict[UUID, str]


@pytest.fixture(scope="module")
def asked(town: Town, resource: str, office_resource: str, new_node: Callable[..., Any]) -> Sequence[UUID]:
    """Requests of every kind and in many states, for entries that are given at once, by the office, in two tables."""
    held, given = town.publish("一项在列", conditional_sharing()), town.publish("给过同意而一项在列", free_sharing())
    two = town.publish("两张表", conditional_sharing(), mounts=(mount_of("jia", "sfzhm"), mount_of("yi", "xm")))
    free, unsigned = (town.publish(title, free_sharing()) for title in ("直接提供", "无条件但未签署"))
    for each in (free, given):
        signed = town.people["lead"].client.post("/api/v1/consents", json={"resource": each, "words": "可以直接提供"})
        assert signed.status_code == 201, signed.text
    for each in (held, given):
        list_item(town, resource=each, items=["djrq"], covers="share")
    entries = (resource, office_resource, free, unsigned)
    made = [town.bring_to(entry, *to) for entry in entries for to in ((), TO_ENDORSED, TO_SUBMITTED, TO_SUBMITTED)]
    made += [town.bring_to(entry, *TO_ACCEPTED) for entry in (resource, office_resource, unsigned) for _ in range(3)]
    made += [town.bring_to(each, *to) for each in (held, given) for to in (TO_SUBMITTED, TO_SUBMITTED, TO_ACCEPTED)]
    made += [town.bring_to(given, *TO_SUBMITTED, items=["sfzhm", "xm"]), town.bring_to(held, *TO_ACCEPTED)]
    made.append(alone := town.bring_to(two, *TO_ACCEPTED, items=["xm"]))
    while made[-1] >= alone:  # it is decided on after one that takes both tables
        made.append(town.bring_to(two, *TO_ACCEPTED, items=["sfzhm", "xm"]))
    made += [town.bring_to(two, *TO_SUBMITTED, items=["sfzhm", "xm"]), town.bring_to(resource, *TO_AGREED)]
    new_node("minzheng", outside := town.city.organisation("示例市民政局"), is_confirmed=False)
    them = {
        "clerk": town.city.person(outside, Role.REQUESTER),
        "own_lead": town.city.person(outside, Role.SHARING_LEAD),
    }
    theirs = Town(town.city, town.orgs, town.people | them, town.nodes)
    made += [theirs.bring_to(resource, *acts) for acts in (TO_ACCEPTED, TO_SUBMITTED)]
    return [UUID(each) for each in made]


@pytest.fixture
def session(town: Town) -> Iterator[Session]:
    with town.city.app.state.sessions() as session:
        yield session
        session.rollback()


def _each(town: Town, session: Session, ids: Sequence[UUID], act: Act, who: str, said: Said) -> Outcomes:
    found = {}
    for each in sorted(ids):
        try:
            with session.begin_nested():
                key = town.city.app.state.directory_key
                decide(session, town.people[who].actor, key, each, act, NOW, said, suite_2=frozenset())
            found[each] = ""
        except DirectoryError as error:
            session.expire_all()
            found[each] = error.code
    return found


def _many(town: Town, session: Session, ids: Sequence[UUID], act: Act, who: str, said: Said) -> Outcomes:
    key = town.city.app.state.directory_key
    found = move_many(session, town.people[who].actor, key, ids, act, NOW, said, suite_2=frozenset())
    return {each: error.code if error else "" for each, error in found.items()}


def _left(
    session: Session, do: Callable[..., Outcomes], town: Town, *what: Any
) -> tuple[Outcomes, dict[str, list[Any]], int]:
    """What came of it, what it left, and by how many statements; nothing of it stays."""
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    with session.begin_nested() as nested:
        event.listen(session.connection(), "before_cursor_execute", count)
        outcomes = do(town, session, *what)
        event.remove(session.connection(), "before_cursor_execute", count)
        session.flush()
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # what is checked at the end is checked now
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        left = _rows(session)
        nested.rollback()
    session.expire_all()
    return outcomes, left, len(statements)


def _rows(session: Session) -> dict[str, list[Any]]:
    """Everything that may be left, without what is drawn at random or numbers it."""

    def read(query: str) -> list[Any]:
        return list(session.execute(text(query)))

    names = [name for name, _ in read("SELECT grant_id, 1 FROM grant_record ORDER BY issued_at, request_id, route_id")]

    def told(entry: bytes) -> Any:
        said = json.loads(entry)
        said["details"].pop("digest", None)
        return [said[name] for name in ("at", "actor", "organisation", "action", "outcome", "details")] + [
            "grant" if said["subject"] in names else said["subject"]
        ]

    grants = [
        (Grant.from_bytes(Signed.from_bytes(bytes(body)).payload_bytes()).model_dump(exclude={"grant_id"}), *more)
        for body, *more in read("SELECT body, issued_at, valid_until, provide_by_on FROM grant_record")
    ]
    return {
        "request": read("SELECT * FROM request ORDER BY id"),
        "step": read("SELECT * FROM request_step ORDER BY request_id, seq"),
        "clock": read("SELECT * FROM request_clock ORDER BY request_id, seq"),
        "left out": read("SELECT * FROM request_item_refusal ORDER BY request_id, step_seq, item"),
        "notice": read(
            "SELECT about, account_id, role, org_code, kind, parameters, caused_by, created_at FROM notice"
            " ORDER BY about, id"
        ),
        "audit": sorted(
            (told(bytes(entry)) for (entry,) in read("SELECT bytes FROM audit_out ORDER BY n")), key=_about
        ),
        "grant": sorted(grants, key=str),
        "route": read("SELECT * FROM route ORDER BY route_id"),
        "feed": read("SELECT seq, kind, whole IS NULL, appended_at FROM feed_entry ORDER BY seq"),
        "tally": read("SELECT provider_org, due_on, sum(number) FROM running_tally GROUP BY 1, 2 ORDER BY 1, 2"),
    }


def _about(entry: Sequence[Any]) -> str:
    """Which request an entry is about: those of one are compared in their order."""
    return str(entry[-2].get("request_id", entry[-1]))


@pytest.mark.parametrize(
    ("act", "who", "words"),
    [
        (Act.REQ_APPROVED, "own_lead", {}),
        (Act.REQ_APPROVED, "outside_lead", {}),
        (Act.ACCEPTED, "reviewer", {}),
        (Act.AGREED, "lead", {}),
        (Act.AGREED, "lead", {"refused_items": (RefusedItem(item="xm", reason=REASON),)}),
        (Act.AGREED, "lead", {"refused_items": (RefusedItem(item="djrq", reason=REASON),)}),
        (Act.AGREED, "approver", {}),
        (Act.REFUSED, "lead", {"reason": REASON}),
        (Act.REFUSED, "approver", {"reason": REASON}),
        (Act.REFUSED, "lead", {"reason": "不想给"}),
        (Act.SUBMITTED, "clerk", {}),
        (Act.DISCARDED, "clerk", {"comment": "不再需要"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value) if isinstance(value, dict) else None,
)
def test_many_leave_what_each_leaves(
    town: Town, session: Session, asked: Sequence[UUID], act: Act, who: str, words: dict[str, Any]
) -> None:
    said = Said.model_validate(words)
    if act is Act.AGREED and who == "approver":  # whose turn it is after the provider's
        _each(town, session, asked, act, "lead", Said())
    one, alone, statements = _left(session, _each, town, asked, act, who, said)
    many, together, fewer = _left(session, _many, town, asked, act, who, said)
    assert many == one
    for what, rows in alone.items():
        assert together[what] == rows, what
    assert act in (Act.SUBMITTED, Act.DISCARDED) or fewer < statements * 0.6


def test_what_cannot_be_granted_spoils_nothing(town: Town, session: Session, asked: Sequence[UUID]) -> None:
    """Found out after the step is left: it is taken back by itself, whichever of them it is."""
    one, alone, _ = _left(session, _each, town, asked, Act.AGREED, "lead", Said())
    many, together, _ = _left(session, _many, town, asked, Act.AGREED, "lead", Said())
    assert set(one.values()) == {
        "", "MOVE_ILLEGAL", "NODE_UNCONFIRMED", "GROUP_SPLIT", "NEGATIVE_HELD_BACK", "REQUEST_NOT_FOUND"
    }  # fmt: skip
    assert (many, together) == (one, alone)


def test_what_the_database_refuses_spoils_nothing(town: Town, session: Session, asked: Sequence[UUID]) -> None:
    """Of a delegation that is over the database alone knows, when the step is written."""
    town.people["lapsed"] = SimpleNamespace(actor=_for_the_reviewer(town))
    one, alone, _ = _left(session, _each, town, asked, Act.ACCEPTED, "lapsed", Said())
    many, together, _ = _left(session, _many, town, asked, Act.ACCEPTED, "lapsed", Said())
    assert set(one.values()) == {"DELEGATION_LAPSED", "MOVE_ILLEGAL", "REQUEST_NOT_FOUND"}
    assert (many, together) == (one, alone)


def _for_the_reviewer(town: Town) -> Actor:
    reviewer: Actor = town.people["reviewer"].actor
    approver: Actor = town.people["approver"].actor
    lapsed = Delegated(uuid4(), Role.OFFICE_REVIEWER, reviewer.account_id, reviewer.username, reviewer.display_name)
    return replace(approver, delegated=(lapsed,))


@pytest.mark.parametrize("do", [_each, _many])
def test_what_a_consent_answers_comes_after_what_it_answers(
    town: Town, session: Session, asked: Sequence[UUID], do: Callable[..., Outcomes]
) -> None:
    """In the log and in what people are told, as in the request's own history."""
    _, left, _ = _left(session, do, town, asked, Act.ACCEPTED, "reviewer", Said())
    steps: dict[str, list[str]] = {}
    for step in left["step"]:
        steps.setdefault(str(step.request_id), []).append(f"request:{step.act}")
    answered = [each for each, acts in steps.items() if acts[-2:] == ["request:accepted", "request:agreed"]]
    logged, told = ({each: [] for each in answered} for _ in range(2))  # type: tuple[Any, Any]
    for *_, action, _outcome, details, subject in left["audit"]:
        logged.get(details.get("request_id", subject), []).append(action)
    for notice in left["notice"]:
        told.get(str(notice.about), []).append(notice.kind)
    assert answered
    for each in answered:
        assert logged[each][-3:] == ["request:accepted", "request:agreed", "grant:issue"]
        assert told[each].index("request:to_answer") < told[each].index("request:to_countersign")


def test_grants_by_consent_stand_between_others(town: Town, session: Session, office_resource: str) -> None:
    """What is granted within a savepoint of its own moves the feed on for those after it; the list stays whole."""
    free = town.publish("办公室先同意的", free_sharing())
    signed = town.people["lead"].client.post("/api/v1/consents", json={"resource": free, "words": "可以直接提供"})
    assert signed.status_code == 201, signed.text
    today, provider = shanghai_today().isoformat(), town.orgs["provider"]
    rule = {"deciders": ["office", "provider"], "basis": "示例市〔2026〕9 号", "effective_on": today}
    rule |= {"provider_org": provider, "share_type": "unconditional"}
    entered = town.people["approver"].client.post("/api/v1/decider-rules", json=rule)
    assert entered.status_code == 201, entered.text
    made = []
    for entry, to, begins in (
        (office_resource, TO_AGREED, "01234"),
        (free, TO_ACCEPTED, "56789"),
        (office_resource, TO_AGREED, "abcdef"),
    ):
        while (each := town.bring_to(entry, *to))[0] not in begins:  # they are decided on in the order of their ids
            pass
        made.append(each)
    ids = [UUID(each) for each in made]
    one, alone, statements = _left(session, _each, town, ids, Act.AGREED, "approver", Said())
    many, together, fewer = _left(session, _many, town, ids, Act.AGREED, "approver", Said())
    assert set(one.values()) == {""}
    assert (many, together) == (one, alone)
    assert fewer < statements * 0.8

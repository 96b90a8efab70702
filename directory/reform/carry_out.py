"""Carry an act out: everything it moves, in one transaction; nothing else is touched, no term and no number.

Locks are taken in one order, so that acts and decisions wait for each other and neither is lost: the tree, the
departments, then row by row what moves; the feed comes last, since decisions hold their request before it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, Text, Uuid, cast, insert, literal, select, tuple_, update
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record, record_many
from directory.errors import DirectoryError
from directory.nodes.enrol import announce
from directory.nodes.models import HELD, Node
from directory.notices.tell import To, tell
from directory.organisations.models import FormerName, Organisation, Succession
from directory.organisations.queries import lock_tree
from directory.policy import require
from directory.prefixes.models import PrefixAllotment
from directory.reform.choice import Choice
from directory.reform.holdings import HOLDINGS, Holding
from directory.reform.models import Reform, ReformMove
from directory.reform.plan import Line, Plan, previewed_plan
from directory.resources.models import ResourceEntry
from directory.search.changes import mark
from directory.statements.given_rows import among, given_rows
from standards.crypto import SigningKey

_AT_ONCE: Final = 5_000
"""Rows of one statement, a second or two of work: each has its time (``limits.statement_seconds``)."""
_TEXTS: Final = (Text(), Text(), Text(), Text())
_KINDS: Final = {each.kind: each for each in HOLDINGS}

Watch = Callable[[str, int, int], None]
"""Hears how far an act is: its stage, how many things of how many are through. What it raises ends the act."""


def unwatched(_stage: str, _done: int, _total: int) -> None:
    """Nobody waits."""


def carry_out(
    session: Session,
    actor: Actor,
    key: SigningKey,
    choice: Choice,
    now: datetime,
    *,
    previewed: str,
    reform_id: UUID | None = None,
    watch: Watch = unwatched,
) -> Reform:
    """Do what was previewed; ``previewed`` is the plan's digest. ``reform_id`` is the act's where it has one already.

    Raises ``FORBIDDEN``, ``REFORM_CHANGED`` where something else would move by now, and as ``plan``.
    """
    require(actor, Action.ORGANISATION_REFORM, None)
    lock_tree(session)
    _lock(session, choice)
    found = previewed_plan(session, choice, now, previewed)
    made = _write(session, actor, choice, now, reform_id or uuid4())
    if choice.kind == "rename":
        _rename(session, choice, made)
    else:
        _take_over(session, choice, made)
        _move(session, found.lines, watch)
        _close(session, choice, made)
    _note(session, actor, made, choice, found, watch)
    watch("telling", 0, 0)
    _tell_people(session, actor, choice, found, made)
    _search_again(session, choice, found)
    _tell_nodes(session, key, choice, found, now)
    return made


def _lock(session: Session, choice: Choice) -> None:
    """The departments, weakly: what refers to them goes on, what is new for them waits (migration 0025)."""
    codes = sorted({*choice.organisations, *choice.successors})
    query = select(Organisation).where(Organisation.code.in_(codes)).order_by(Organisation.code)
    session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def _write(session: Session, actor: Actor, choice: Choice, now: datetime, reform_id: UUID) -> Reform:
    made = Reform(
        id=reform_id,
        kind=choice.kind,
        effective_on=choice.effective_on,
        basis=choice.basis.strip(),
        words=choice.words.strip(),
        carried_out_by=actor.account_id,
        carrier_name=actor.display_name,
        carried_out_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _rename(session: Session, choice: Choice, made: Reform) -> None:
    own = session.get_one(Organisation, choice.organisations[0])
    session.add(
        FormerName(
            reform_id=made.id, org_code=own.code, name=own.name, short_name=own.short_name, until=choice.effective_on
        )
    )
    own.name = choice.name.strip()
    own.short_name = choice.short_name.strip() or own.name[:50]
    own.version += 1
    session.flush()


def _take_over(session: Session, choice: Choice, made: Reform) -> None:
    for from_org in choice.organisations:
        for to_org in choice.successors:
            is_default = to_org == choice.default
            session.add(Succession(reform_id=made.id, from_org=from_org, to_org=to_org, is_default=is_default))
    session.flush()


def _move(session: Session, lines: Sequence[Line], watch: Watch) -> None:
    """Change the columns; in the order of ``HOLDINGS``, so that a request is changed after its entry."""
    by_target: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for line in lines:
        if line.kind in _KINDS and line.to_org is not None:
            by_target[line.kind, line.from_org, line.to_org].append(line.subject)
    total, done = sum(map(len, by_target.values())), 0
    watch("moving", done, total)
    for holding in HOLDINGS:
        for (kind, from_org, to_org), subjects in sorted(by_target.items()):
            if kind == holding.kind:
                for start in range(0, len(subjects), _AT_ONCE):
                    part = subjects[start : start + _AT_ONCE]
                    _change(session, holding, from_org, to_org, part)
                    done += len(part)
                    watch("moving", done, total)
    top = [line.subject for line in lines if line.kind == "child" and line.to_org is None]
    session.execute(update(Organisation).where(Organisation.code.in_(top)).values(parent_code=None))
    left = [UUID(line.subject) for line in lines if line.kind == "person" and line.to_org is None]
    session.execute(update(Account).where(Account.id.in_(left)).values(is_active=False))
    session.expire_all()


def _change(session: Session, holding: Holding, from_org: str, to_org: str, subjects: Sequence[str]) -> None:
    keys = list(holding.table.primary_key.columns)
    named = among(keys[0], subjects)
    if len(keys) > 1:
        named = tuple_(*(cast(each, Text) for each in keys)).in_([tuple(each.split("/")) for each in subjects])
    values = {holding.column.name: to_org}
    if holding.kind == "node":
        values["org_name"] = session.get_one(Organisation, to_org).name
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(holding.table).where(named, holding.column == from_org).values(values)
    )
    if done.rowcount != len(subjects):  # nothing can get away while the departments are held
        raise DirectoryError("REFORM_CHANGED", changed=f"{holding.words}在办理时被改动")


def _close(session: Session, choice: Choice, made: Reform) -> None:
    for code in choice.closed:
        own = session.get_one(Organisation, code)
        own.prefix, own.closed_on = None, choice.effective_on
        own.version += 1
    session.execute(
        update(PrefixAllotment)
        .where(PrefixAllotment.org_code.in_(choice.closed), PrefixAllotment.closed_at.is_(None))
        .values(closed_at=made.carried_out_at)
    )
    session.flush()


def _note(session: Session, actor: Actor, made: Reform, choice: Choice, found: Plan, watch: Watch) -> None:
    """What moved, for the department's history and for the log."""
    done, total = 0, len(found.lines)
    for lines in _parts(found.lines):
        watch("noting", done, total)
        done += len(lines)
        names = ("kind", "subject", "from_org", "to_org")
        given = given_rows([(each.kind, each.subject, each.from_org, each.to_org) for each in lines], _TEXTS, names)
        rows = select(literal(made.id, Uuid), *(given.c[name] for name in names))
        session.execute(insert(ReformMove).from_select(["reform_id", *names], rows))
        told = [
            (
                line.subject,
                {"kind": line.kind, "from": line.from_org, "to": line.to_org or "", "reform_id": str(made.id)},
            )
            for line in lines
        ]
        record_many(session, actor, "reform:move", told, at=made.carried_out_at)
    details: Mapping[str, str | int | bool | None] = {
        "kind": made.kind,
        "organisations": "、".join(choice.organisations),
        "successors": "、".join(choice.successors),
        "effective_on": made.effective_on.isoformat(),
        "basis": made.basis,
        "plan_digest": found.digest,
        **found.counts,
    }
    record(session, actor, "reform:carry_out", str(made.id), details=details, at=made.carried_out_at)


def _tell_people(session: Session, actor: Actor, choice: Choice, found: Plan, made: Reform) -> None:
    """Those who went along, where they are now; of a new name, everybody of the department."""
    now = made.carried_out_at
    if choice.kind == "rename":
        own = session.get_one(Organisation, choice.organisations[0])
        former = session.get_one(FormerName, (made.id, own.code)).name
        people = session.scalars(select(Account.id).where(Account.org_code == own.code, Account.is_active)).all()
        to = [To.person(each) for each in people]
        tell(session, to=to, kind="reform:renamed", about=None, now=now, code=own.code, org=own.name, former=former)
        return
    gone: dict[tuple[str, str], list[To]] = defaultdict(list)
    for line in found.lines:
        if line.kind == "person" and line.to_org is not None:
            gone[line.from_org, line.to_org].append(To.person(UUID(line.subject)))
    for (from_org, to_org), people_there in gone.items():
        own, before = session.get_one(Organisation, to_org), session.get_one(Organisation, from_org)
        words = {"code": own.code, "org": own.name, "former": before.name}
        tell(session, to=people_there, kind="reform:moved", about=None, now=now, by=actor.account_id, **words)


def _search_again(session: Session, choice: Choice, found: Plan) -> None:
    ids = [UUID(line.subject) for line in found.lines if line.kind == "entry"]
    if choice.kind == "rename":
        ids = list(session.scalars(select(ResourceEntry.id).where(ResourceEntry.org_code == choice.organisations[0])))
    mark(session, *ids)


def _tell_nodes(session: Session, key: SigningKey, choice: Choice, found: Plan, now: datetime) -> None:
    """The feed says whose each node is now; its id and keys stay, and so does what grants say of it."""
    moved = [line.subject for line in found.lines if line.kind == "node"]
    query = select(Node).where(Node.node_id.in_(moved))
    if choice.kind == "rename":
        query = select(Node).where(Node.org_code == choice.organisations[0])
    for node in session.scalars(query.order_by(Node.node_id).with_for_update(**HELD)):
        node.org_name = session.get_one(Organisation, node.org_code).name
        session.flush()
        announce(session, key, node, now)


def _parts(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    for start in range(0, len(lines), _AT_ONCE):
        yield lines[start : start + _AT_ONCE]

"""An act that takes long goes on beside the requests: begun, watched, stopped, taken up again by any server.

The act stays one transaction. How far it is stands in a row of its own, written over a second connection after each
part; so everybody sees it move, and nothing of the act before all of it. Who works holds a lock of the database that
goes with their connection: where nobody does, the next turn of any server begins anew, from the same preview. All
servers together are at one act at a time, since each holds the tree of departments until it is through.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from directory.accounts.models import Account
from directory.actions import Action
from directory.actors import Actor, present_actor
from directory.audit.record import record
from directory.clock.words import stamp_words
from directory.errors import DirectoryError
from directory.organisations.queries import organisation, try_lock_tree
from directory.policy import require
from directory.process.beside import Beside
from directory.reform.carry_out import carry_out
from directory.reform.choice import Choice
from directory.reform.models import KINDS, STAGES, ReformWork
from directory.reform.plan import previewed_plan
from directory.reform.queries import Done, done
from standards.crypto import SigningKey

LONG: Final = 2_000
"""Things that move within about a second: more of them, and whoever waits is shown how far it is."""
_EVERY_SECONDS: Final = 1.0
_MOST_TRIES: Final = 3
_SHOWN_FOR: Final = timedelta(days=7)
_UNFINISHED: Final = ReformWork.ended_at.is_(None) | (ReformWork.problem != {})
STATES: Final[Mapping[str, str]] = {
    "waiting": "等待开始",
    "working": "正在办理",
    "done": "已办理",
    "failed": "没有办成",
}


@dataclass(frozen=True)
class Progress:
    """How far an act is: ``done_count`` things of ``total_count`` are through ``stage``."""

    reform_id: UUID
    kind: str
    choice: Choice
    beginner_name: str
    begun_at: datetime
    state: str
    stage: str
    done_count: int
    total_count: int
    is_stopping: bool
    tries: int
    ended_at: datetime | None
    problem: Mapping[str, Any]

    @property
    def kind_name(self) -> str:
        return KINDS[self.kind]

    @property
    def state_name(self) -> str:
        return STATES[self.state]

    @property
    def stage_name(self) -> str:
        return STAGES[self.stage]


def begin(session: Session, actor: Actor, choice: Choice, now: datetime, *, previewed: str) -> ReformWork:
    """Have an act carried out as it was previewed.

    Raises ``FORBIDDEN``, ``REFORM_CHANGED``, ``REFORM_UNDER_WAY`` and as ``plan``.
    """
    require(actor, Action.ORGANISATION_REFORM, None)
    require_previewed(session, choice, now, previewed)
    return keep(session, actor, choice, now, previewed=previewed)


def keep(session: Session, actor: Actor, choice: Choice, now: datetime, *, previewed: str) -> ReformWork:
    """The same of what was just seen to be as previewed: looking takes seconds.

    Raises ``FORBIDDEN`` and ``REFORM_UNDER_WAY``.
    """
    require(actor, Action.ORGANISATION_REFORM, None)
    _require_alone(session, choice)
    row = ReformWork(
        reform_id=uuid4(),
        choice=choice.model_dump(mode="json"),
        digest=previewed,
        begun_by=actor.account_id,
        beginner_name=actor.display_name,
        begun_at=now,
    )
    session.add(row)
    session.flush()
    record(session, actor, "reform:begin", str(row.reform_id), details={"plan_digest": previewed}, at=now)
    return row


def require_previewed(session: Session, choice: Choice, now: datetime, previewed: str) -> int:
    """How many things would move, where they are those that were previewed; raises ``REFORM_CHANGED``, as ``plan``."""
    return len(previewed_plan(session, choice, now, previewed).lines)


def _require_alone(session: Session, choice: Choice) -> None:
    """A department goes through one act at a time, also of two begun at the same instant: of the second, nothing that
    was previewed would be so any more. Raises ``REFORM_UNDER_WAY``.
    """
    session.execute(_BEGINNING)
    for row in session.scalars(select(ReformWork).where(ReformWork.ended_at.is_(None))):
        both = sorted({*row.choice["organisations"]} & {*choice.organisations})
        if both:
            raise DirectoryError(
                "REFORM_UNDER_WAY",
                names=[organisation(session, code).name for code in both],
                beginner=row.beginner_name,
                begun=stamp_words(row.begun_at),
                reform_id=row.reform_id,
            )


def stop(session: Session, actor: Actor, reform_id: UUID, now: datetime) -> None:
    """Have it undone: whoever works on it ends after the part that they are at. Raises ``REFORM_NOT_UNDER_WAY``."""
    progress(session, actor, reform_id)
    asked = update(ReformWork).where(_not_ended(reform_id)).values(is_stopping=True)
    if session.scalar(asked.returning(ReformWork.reform_id)) is None:
        session.expire_all()  # it may have ended while this waited for its row
        state = progress(session, actor, reform_id).state_name
        raise DirectoryError("REFORM_NOT_UNDER_WAY", state=state, what="停止")
    record(session, actor, "reform:stop", str(reform_id), at=now)


def again(session: Session, actor: Actor, reform_id: UUID, now: datetime) -> None:
    """Begin anew what ended without being carried out.

    Raises ``REFORM_NOT_UNDER_WAY``, ``REFORM_CHANGED`` and ``REFORM_UNDER_WAY``.
    """
    progress(session, actor, reform_id)
    row = session.get(ReformWork, reform_id, with_for_update=True, populate_existing=True)
    found = progress(session, actor, reform_id)
    if row is None or row.ended_at is None or not row.problem:
        raise DirectoryError("REFORM_NOT_UNDER_WAY", state=found.state_name, what="再办一次")
    require_previewed(session, found.choice, now, row.digest)
    _require_alone(session, found.choice)
    row.begun_by, row.beginner_name, row.begun_at = actor.account_id, actor.display_name, now
    row.tries, row.stage, row.done_count, row.total_count = 0, "waiting", 0, 0
    row.is_stopping, row.ended_at, row.problem = False, None, {}
    record(session, actor, "reform:begin", str(reform_id), details={"plan_digest": row.digest}, at=now)


def is_unfinished(session: Session, reform_id: UUID) -> bool:
    """Whether it was begun and has not been carried out."""
    return bool(session.scalar(select(_UNFINISHED).where(ReformWork.reform_id == reform_id)))


def progress(session: Session, actor: Actor, reform_id: UUID) -> Progress:
    """How far an act is, also one that nobody had to wait for; raises ``FORBIDDEN``, ``REFORM_UNKNOWN``."""
    require(actor, Action.ORGANISATION_REFORM, None)
    row = session.get(ReformWork, reform_id)
    return _done_at_once(done(session, reform_id)) if row is None else _told(session, row)


def under_way(session: Session) -> Sequence[Progress]:
    """The acts that have not been carried out, the latest first: at work, waiting, or ended without it these days."""
    lately = ReformWork.ended_at.is_(None) | (ReformWork.ended_at > datetime.now(UTC) - _SHOWN_FOR)
    query = select(ReformWork).where(_UNFINISHED, lately).order_by(ReformWork.begun_at.desc()).limit(20)
    return [_told(session, row) for row in session.scalars(query)]


def _told(session: Session, row: ReformWork) -> Progress:
    choice = Choice.model_validate(row.choice)
    if row.ended_at is not None:
        state = "failed" if row.problem else "done"
    else:
        state = "working" if _is_held(session, row.reform_id) else "waiting"
    names = ("beginner_name", "begun_at", "done_count", "total_count", "is_stopping", "tries", "ended_at", "problem")
    told = {name: getattr(row, name) for name in names}
    stage = "waiting" if state == "waiting" else row.stage
    return Progress(reform_id=row.reform_id, kind=choice.kind, choice=choice, state=state, stage=stage, **told)


def _done_at_once(made: Done) -> Progress:
    """Carried out with the request that asked for it: it was never seen under way."""
    chosen = {
        "kind": made.kind,
        "organisations": [code for code, _ in made.organisations],
        "successors": [code for code, _ in made.successors],
        "effective_on": made.effective_on,
        "basis": made.basis,
        "words": made.words,
    }
    return Progress(
        reform_id=made.id,
        kind=made.kind,
        choice=Choice.model_validate(chosen),
        beginner_name=made.carrier_name,
        begun_at=made.carried_out_at,
        state="done",
        stage="telling",
        done_count=0,
        total_count=0,
        is_stopping=False,
        tries=1,
        ended_at=made.carried_out_at,
        problem={},
    )


def _not_ended(reform_id: UUID) -> ColumnElement[bool]:
    return (ReformWork.reform_id == reform_id) & ReformWork.ended_at.is_(None)


_BEGINNING = text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.reform.begin', 0))")
_LOCKED = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND (classid::bigint << 32 | objid::bigint) = hashtextextended('hutong.reform.' || :reform_id, 0))"
)


def _is_held(session: Session, reform_id: UUID) -> bool:
    return bool(session.scalar(_LOCKED, {"reform_id": str(reform_id)}))


def reformer(sessions: sessionmaker[Session], key: SigningKey) -> Beside:
    """Carries acts out beside the service, one after the other, each until it is through or cannot be."""
    return Beside("reform_work", _EVERY_SECONDS, lambda: turn(sessions, key))


def turn(sessions: sessionmaker[Session], key: SigningKey) -> bool:
    """Carry out the first that waits, unless somebody is at one; whether this was done."""
    with sessions() as session:
        waiting = select(ReformWork.reform_id).where(ReformWork.ended_at.is_(None)).order_by(ReformWork.begun_at)
        found = session.scalars(waiting).all()
        is_at_work = any(_is_held(session, each) for each in found)
    return bool(found) and not is_at_work and conduct(sessions, key, found[0])


def conduct(sessions: sessionmaker[Session], key: SigningKey, reform_id: UUID) -> bool:
    """Carry one out, unless somebody else is at it; whether it has ended by this.

    What is refused is kept in its row and in the log. Anything else is raised, and what passes too (a row that others
    hold, a database that is away): nothing has moved, and the next turn tries again. While others have the tree of
    departments, at a terminal for minutes, it only waits. It can be stopped until its very last statement.
    """
    try:
        with sessions.begin() as session:
            hashed = func.hashtextextended(f"hutong.reform.{reform_id}", cast(literal(0), BigInteger))
            if not session.scalar(select(func.pg_try_advisory_xact_lock(hashed))):
                return False
            row = session.get_one(ReformWork, reform_id)
            if row.ended_at is not None:
                return True
            if row.is_stopping:
                raise DirectoryError("REFORM_STOPPED")
            if not try_lock_tree(session):
                return False
            watch = _watching(sessions, row)
            now = datetime.now(UTC)
            actor = present_actor(session, row.begun_by, now)
            if actor is None:
                reason = "开始办理的人已停用，或须先更换密码"
                raise DirectoryError("FORBIDDEN", reason=reason, action=Action.ORGANISATION_REFORM.value)
            choice = Choice.model_validate(row.choice)
            carry_out(session, actor, key, choice, now, previewed=row.digest, reform_id=reform_id, watch=watch)
            ended = update(ReformWork).where(_not_ended(reform_id), ~ReformWork.is_stopping)
            ended = ended.values(ended_at=datetime.now(UTC))
            if session.scalar(ended.returning(ReformWork.reform_id)) is None:
                raise DirectoryError("REFORM_STOPPED")
    except DirectoryError as error:
        if error.is_transient:
            raise
        _end(sessions, reform_id, error)
    return True


def _end(sessions: sessionmaker[Session], reform_id: UUID, error: DirectoryError) -> None:
    """It has ended without being carried out, and the log says so: of whom it was begun, and why."""
    now, problem = datetime.now(UTC), {"code": error.code, "detail": error.zh, "next_step": error.next_step}
    ended = update(ReformWork).where(_not_ended(reform_id)).values(ended_at=now, problem=problem)
    with sessions.begin() as session:
        begun_by = session.scalar(ended.returning(ReformWork.begun_by))
        if begun_by is not None:
            who = session.get_one(Account, begun_by).username
            record(session, who, "reform:end", str(reform_id), code=error.code, outcome="refused", at=now)


def _watching(sessions: sessionmaker[Session], row: ReformWork) -> Callable[[str, int, int], None]:
    """Writes how far it is over a connection of its own; raises ``REFORM_STOPPED`` where that was asked for.

    Raises ``REFORM_BROKEN_OFF`` at once where it was begun too often.
    """
    mine = update(ReformWork).where(ReformWork.reform_id == row.reform_id)

    def watch(stage: str, done: int, total: int) -> None:
        values = {"stage": stage, "done_count": done, "total_count": total}
        with sessions.begin() as session:
            is_stopping = session.scalar(mine.values(values).returning(ReformWork.is_stopping))
        if is_stopping:
            raise DirectoryError("REFORM_STOPPED")

    with sessions.begin() as session:
        anew = mine.values(tries=ReformWork.tries + 1, stage="waiting", done_count=0, total_count=0)
        tries = session.execute(anew.returning(ReformWork.tries)).scalar_one()
    if tries > _MOST_TRIES:
        raise DirectoryError("REFORM_BROKEN_OFF", tries=tries - 1)
    return watch

"""The entrustments that wait for one person, and those they entered or said something of."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from directory.actions import Action
from directory.actors import Actor
from directory.entrustments.models import Entrustment, EntrustmentStep
from directory.entrustments.queries import visible
from directory.policy import allows
from directory.worklist.columns import task, trace

KIND: Final = "entrustment"


def tasks(actor: Actor, today: date) -> Iterator[Select[Any]]:
    """To decide on, for the department's head, unless they entered it; to end, when its last day is over."""
    about = {"about": Entrustment.id, "title": Entrustment.contractor, "org_code": Entrustment.org_code}
    own = Entrustment.org_code == actor.org_code
    if allows(actor, Action.ENTRUSTMENT_APPROVE, actor.org_code):
        said = aliased(EntrustmentStep)
        waits = ~exists().where(said.entrustment_id == Entrustment.id)
        yield task(KIND, "decide", **about).where(waits, own, Entrustment.entered_by.not_in(actor.people))
    if allows(actor, Action.ENTRUSTMENT_SUPERVISE, actor.org_code):
        is_over = and_(Entrustment.until < today, is_running())
        yield task(KIND, "end", **about, due_on=Entrustment.until).where(own, is_over)


def is_running() -> ColumnElement[bool]:
    """Approved and not ended, whatever its days."""
    said, ended = aliased(EntrustmentStep), aliased(EntrustmentStep)
    return and_(
        exists().where(said.entrustment_id == Entrustment.id, said.act == "approved"),
        ~exists().where(ended.entrustment_id == Entrustment.id, ended.act == "ended"),
    )


def begun(actor: Actor) -> Select[Any]:
    """Those that this person entered."""
    return _traced(Entrustment.entered_at).where(Entrustment.entered_by == actor.account_id, visible(actor))


def dealt(actor: Actor) -> Select[Any]:
    """Those of others that this person decided on, noted something of or ended."""
    me, later = actor.account_id, aliased(EntrustmentStep)
    newer = exists().where(
        later.entrustment_id == EntrustmentStep.entrustment_id, later.seq > EntrustmentStep.seq, later.said_by == me
    )
    said = _traced(EntrustmentStep.said_at).join(EntrustmentStep, EntrustmentStep.entrustment_id == Entrustment.id)
    return said.where(EntrustmentStep.said_by == me, Entrustment.entered_by != me, ~newer, visible(actor))


def _traced(at: Any) -> Select[Any]:
    said = aliased(EntrustmentStep)
    last = select(said.act).where(said.entrustment_id == Entrustment.id, said.act != "supervised")
    state = func.coalesce(last.order_by(said.seq.desc()).limit(1).correlate(Entrustment).scalar_subquery(), "entered")
    return trace(KIND, about=Entrustment.id, title=Entrustment.contractor, state=state, at=at)

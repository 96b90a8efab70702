"""Earlier decisions that resemble a request: of the same requester, on the same entry, the same items, for the like."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep, RequestVersion
from directory.access.queries import visible
from directory.access.reply_models import RequestItemRefusal
from directory.access.states import Act
from directory.actors import Actor
from directory.briefs.minimum import ALIKE, Agreed, likeness, purpose_of
from directory.organisations.names import organisation_names
from metadata.access import AccessRequest

LOOKED_AT: Final = 200
"""How many of the latest decided requests are compared."""
SHOWN: Final = 8
_HALF: Final = 0.5
_REPLIES: Final = (Act.AGREED.value, Act.REFUSED.value)


class Earlier(BaseModel):
    """A request decided before, its outcome with the reason, and in what it resembles the one at hand."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    resource_title: str
    requester_name: str
    scenario: str
    decided_at: datetime
    outcome: str
    outcome_name: str
    reason: str
    resembles: tuple[str, ...]


def earlier(
    session: Session, actor: Actor, row: RequestRow, asked: AccessRequest
) -> tuple[Sequence[Earlier], Sequence[Agreed]]:
    """What this actor may see of earlier decisions, most alike first; and what was agreed of the same entry."""
    found = _decided(session, actor, row)
    last, refused = _replies(session, [each.id for each, _ in found])
    names = organisation_names(session)
    shown: list[tuple[int, Earlier]] = []
    agreed = []
    for each, text in found:
        reply = last.get(each.id)
        if reply is None:
            continue
        left_out = refused.get((each.id, reply.seq), {})
        if reply.act == Act.AGREED and each.resource_id == row.resource_id:
            agreed.append(Agreed(frozenset(text.items) - left_out.keys(), purpose_of(text), tuple(left_out.items())))
        likes = _likes(row, asked, each, text)
        if likes:
            shown.append((len(likes), _shown(each, text, reply, left_out, likes, names)))
    shown.sort(key=lambda pair: (-pair[0], -pair[1].decided_at.timestamp()))
    return [each for _, each in shown[:SHOWN]], agreed


def _decided(session: Session, actor: Actor, row: RequestRow) -> list[tuple[RequestRow, AccessRequest]]:
    """The latest requests answered before, of the same requester or for the same department's entries."""
    query = (
        select(RequestRow, RequestVersion.record)
        .join(
            RequestVersion,
            and_(RequestVersion.request_id == RequestRow.id, RequestVersion.version == RequestRow.version),
        )
        .where(
            visible(actor),
            RequestRow.id != row.id,
            RequestRow.replied_at.is_not(None),
            or_(
                RequestRow.resource_id == row.resource_id,
                RequestRow.requester_org == row.requester_org,
                RequestRow.provider_org == row.provider_org,
            ),
        )
        .order_by(RequestRow.replied_at.desc())
        .limit(LOOKED_AT)
    )
    return [(each, text) for each, text in session.execute(query)]


def _replies(
    session: Session, ids: Sequence[UUID]
) -> tuple[Mapping[UUID, RequestStep], Mapping[tuple[UUID, int], Mapping[str, str]]]:
    """Each one's last reply, and which items which reply left out."""
    steps = select(RequestStep).where(RequestStep.request_id.in_(ids), RequestStep.act.in_(_REPLIES))
    last = {step.request_id: step for step in session.scalars(steps.order_by(RequestStep.seq))}
    refused: dict[tuple[UUID, int], dict[str, str]] = defaultdict(dict)
    for each in session.scalars(select(RequestItemRefusal).where(RequestItemRefusal.request_id.in_(ids))):
        refused[each.request_id, each.step_seq][each.item] = each.reason
    return last, refused


def _likes(row: RequestRow, asked: AccessRequest, other: RequestRow, text: AccessRequest) -> tuple[str, ...]:
    """In what the two are alike; nothing of one requester's for something else entirely is left out."""
    found = []
    if other.requester_org == row.requester_org:
        found.append("同一需求部门")
    if other.resource_id == row.resource_id:
        found.append("同一目录")
    both, either = set(asked.items) & set(text.items), set(asked.items) | set(text.items)
    if len(both) / len(either) >= _HALF:
        found.append("数据项大半相同" if both != either else "数据项相同")
    if likeness(purpose_of(asked), purpose_of(text)) >= ALIKE:
        found.append("用途相近")
    return tuple(found)


def _shown(
    row: RequestRow,
    text: AccessRequest,
    reply: RequestStep,
    left_out: Mapping[str, str],
    likes: tuple[str, ...],
    names: Mapping[str, str],
) -> Earlier:
    if reply.act == Act.REFUSED:
        outcome, name = "refused", "不予共享"
    elif left_out:
        outcome, name = "partly", f"同意一部分，{len(left_out)} 项不同意"
    else:
        outcome, name = "agreed", "同意"
    return Earlier(
        id=row.id,
        resource_title=row.resource_title,
        requester_name=names.get(row.requester_org, row.requester_org),
        scenario=text.scenario,
        decided_at=reply.decided_at,
        outcome=outcome,
        outcome_name=name,
        reason=reply.reason or "；".join(dict.fromkeys(left_out.values())) or reply.comment,
        resembles=likes,
    )

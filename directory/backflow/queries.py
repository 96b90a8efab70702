"""Which requests are 回流, what may be asked for so, and what the law leaves open in the reply."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.said import Said
from directory.access.states import Act
from directory.backflow.models import BackflowRequest
from directory.backflow.territory import require_below, rows_of
from directory.errors import DirectoryError
from directory.organisations.queries import organisation
from directory.statements.question import Question
from metadata.access import AccessRequest
from standards.regions import label

WORDS: Final[Mapping[Act, tuple[str, str]]] = {
    Act.REQ_APPROVED: ("批准并送提供部门", "批准后直接到提供部门，1 个工作日内答复（条例第 21、24 条）"),
    Act.AGREED: ("同意", "照申请全部同意，不附意见；授权由提供部门节点会签后生效"),
    Act.REFUSED: ("不予共享", "只能用法律、行政法规规定的理由；需求部门可提出争议"),
}
"""What the choices of the decision form are called where they lead elsewhere than for other requests."""


def backflow_of(session: Session, request_id: UUID) -> BackflowRequest | None:
    """What makes a request 回流; None for every other."""
    return session.get(BackflowRequest, request_id)


def backflow_among(session: Session, request_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these requests that are 回流."""
    if not request_ids:
        return frozenset()
    found = select(BackflowRequest.request_id).where(BackflowRequest.request_id.in_(request_ids))
    return frozenset(session.scalars(found))


def _is_backflow(session: Session, request_ids: Collection[UUID]) -> Mapping[UUID, bool]:
    found = backflow_among(session, request_ids)
    return {each: each in found for each in request_ids}


is_backflow: Final = Question(_is_backflow, lasts=True)
"""Whether a request is 回流; it is so from its first text on."""


def with_rows(kept: BackflowRequest, asked: AccessRequest, today: date) -> AccessRequest:
    """A text for this request: its rows are those of its territory, by the territory's item, which it asks for too.

    Raises ``BACKFLOW_FILTER`` for other rows.
    """
    own = rows_of(kept.region_code, kept.field, today)
    if asked.row_filter not in (None, own):
        raise DirectoryError("BACKFLOW_FILTER")
    items = asked.items if kept.field in asked.items else (*asked.items, kept.field)
    return asked.model_copy(update={"row_filter": own, "items": items})


def require_unconditional(session: Session, request_id: UUID, act: Act, said: Said) -> None:
    """Raise ``BACKFLOW_CONDITION`` where an agreement would give less, or say more, than was asked (Art. 24)."""
    if act is not Act.AGREED or not is_backflow(session, request_id):
        return
    if said.refused_items:
        raise DirectoryError(
            "BACKFLOW_CONDITION", what="不能只同意一部分数据项", what_en="all items are agreed to or none"
        )
    if said.comment.strip():
        raise DirectoryError("BACKFLOW_CONDITION", what="同意时不附意见", what_en="an agreement carries no comment")


def require_territory(session: Session, row: RequestRow, kept: BackflowRequest, today: date) -> None:
    """Whether the requester still is what it was when it drafted this: below the provider, with the same territory.

    Raises as ``territory.require_below``, ``BACKFLOW_REGION`` for another territory.
    """
    requester, provider = organisation(session, row.requester_org), organisation(session, row.provider_org)
    if require_below(requester, provider, today) != kept.region_code:
        why = f"起草时是 {kept.region_code}，请重新起草"
        why_en = f"it was {kept.region_code} when the request was drafted; draft it again"
        raise DirectoryError("BACKFLOW_REGION", org_name=requester.name, why=why, why_en=why_en)


def keep(session: Session, row_id: UUID, region_code: str, field: str, now: datetime) -> BackflowRequest:
    """Note that a request just drafted is 回流: no condition holds there, the entry's own least of all (Art. 24)."""
    row = session.get_one(RequestRow, row_id)
    row.share_type, row.needs_office = "unconditional", False
    kept = BackflowRequest(request_id=row_id, region_code=region_code, field=field, created_at=now)
    session.add(kept)
    session.flush()
    return kept


def shown(session: Session, request_id: UUID) -> Mapping[str, str] | None:
    """What a page says of 回流: the territory, its name, and the item; None for every other request."""
    kept = backflow_of(session, request_id)
    if kept is None:
        return None
    return {"region_code": kept.region_code, "region_name": label(kept.region_code), "field": kept.field}

"""What a request says: drafted, amended, and whether it could be granted at all."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from directory.access import changing, endings, reply
from directory.access.issue import offered
from directory.access.models import RequestRow, RequestVersion
from directory.access.moments import moment
from directory.access.moves import Move
from directory.access.permitted import permitted
from directory.access.queries import locked
from directory.access.reading import require_read
from directory.access.said import PART_NAMES, Part
from directory.access.states import Act, Party, Stage, State
from directory.access.steps import Decider, leave_step
from directory.access.tables import resolve
from directory.actions import Action
from directory.actors import Actor
from directory.backflow import queries as backflow
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.offers.queries import require_offered
from directory.policy import require
from directory.resources.queries import find
from directory.typed import is_legible, require_near
from metadata.access import AccessRequest
from metadata.resource import Resource


def create(
    session: Session,
    actor: Actor,
    asked: AccessRequest,
    now: datetime,
    *,
    case_no: str | None = None,
    renews: UUID | None = None,
    is_backflow: bool = False,
) -> RequestRow:
    """Draft a request for a published entry of another department (Art. 20).

    What goes on from 回流 is 回流 too; a new one is noted by who calls.

    Raises ``FORBIDDEN``, ``RESOURCE_NOT_FOUND``, ``OWN_RESOURCE`` and whatever of the request cannot be granted
    (``check``).
    """
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    entry = find(session, actor, asked.resource)
    if entry.org_code == actor.org_code:
        raise DirectoryError("OWN_RESOURCE", title=entry.title)
    resource = offered(session, entry)
    goes_back = None if renews is None else backflow.backflow_of(session, renews)
    if goes_back is not None:
        asked = backflow.with_rows(goes_back, asked, day_of(now))
    check(asked, resource, now)
    if goes_back is None and not is_backflow:
        require_offered(session, entry.id, asked, actor.org_code, day_of(now))
    row = RequestRow(
        id=uuid4(),
        resource_id=entry.id,
        resource_title=resource.title,
        provider_org=entry.org_code,
        requester_org=actor.org_code,
        created_by=actor.account_id,
        created_at=now,
        case_no=case_no,
        renews=renews,
        version=1,
        share_type=resource.sharing.share_type,
        needs_office=resource.sharing.needs_office_approval,
        state=State.DRAFT,
        stage=Stage.NONE,
        step_seq=0,
    )
    session.add(row)
    _write(session, row, asked, now)
    if goes_back is not None:
        backflow.keep(session, row.id, goes_back.region_code, goes_back.field, now)
    leave_step(session, row, Act.CREATED, _own(State.DRAFT), Decider.person(actor), now)
    return row


def amend(
    session: Session,
    actor: Actor,
    request_id: UUID,
    asked: AccessRequest,
    now: datetime,
    version: int | None = None,
) -> RequestRow:
    """Replace the text of a request that is not with others; it is a draft again, to be approved again.

    The entry asked for stays the same; ``version`` is the text that was amended. Raises as ``decide`` and ``create``,
    ``RESOURCE_FIXED``, ``RENEWAL_DAY``, ``CHANGE_NONE``.
    """
    row = locked(session, actor, request_id)
    require_read(session, row, version)
    now = moment(row, now)
    moved, actor = permitted(session, actor, row, Act.AMENDED)
    entry = find(session, actor, asked.resource)
    if entry.id != row.resource_id:
        raise DirectoryError("RESOURCE_FIXED", title=row.resource_title)
    goes_back = backflow.backflow_of(session, row.id)
    if goes_back is not None:
        asked = backflow.with_rows(goes_back, asked, day_of(now))
    resource = offered(session, entry)
    if changing.change_of(session, row) is not None:
        changing.require_different(session, changing.replaced_by(session, row), asked, resource)
    elif row.renews is not None:
        endings.require_later(session, session.get_one(RequestRow, row.renews), asked)
    check(asked, resource, now)
    if goes_back is None:
        require_offered(session, entry.id, asked, row.requester_org, day_of(now))
    row.version += 1
    _write(session, row, asked, now)
    leave_step(session, row, Act.AMENDED, moved, Decider.person(actor), now)
    return row


def check(asked: AccessRequest, resource: Resource, now: datetime) -> None:
    """Whether this could be granted at all.

    Raises ``STATEMENT_UNSIGNED``, ``PART_BLANK``, ``TERM_PAST``, ``DAY_FAR``, ``NOT_SHARED``, ``METHOD_NOT_OFFERED``,
    and as ``tables.resolve``.
    """
    if not asked.statement:
        raise DirectoryError("STATEMENT_UNSIGNED")
    blank = [part for part in _IN_WORDS if not is_legible(getattr(asked, part))]
    if blank:
        raise DirectoryError("PART_BLANK", parts=[PART_NAMES[part] for part in blank], parts_en=blank)
    if asked.valid_until <= day_of(now):
        raise DirectoryError("TERM_PAST", valid_until=asked.valid_until.isoformat())
    require_near(asked.valid_until, day_of(now), LIMITS.use_days)
    require_shared(resource)
    sharing = resource.sharing
    mount = resolve(asked, resource).mount
    method = asked.method if mount.kind == "table" else "file"  # files travel in batches too
    if sharing.method_types and not {asked.method, method} & set(sharing.method_types):
        raise DirectoryError("METHOD_NOT_OFFERED", method=asked.method, offered=sharing.method_types)


def require_shared(resource: Resource) -> None:
    """Raise ``NOT_SHARED`` for what nobody may be given, with the law that says so."""
    sharing = resource.sharing
    if sharing.share_type not in reply.REPLY_RULES:
        laws = [f"{law.title}{law.article}" for law in sharing.legal_basis]
        basis, basis_en = "；".join(laws) or "未确定共享类型", "; ".join(laws) or "its share type is not determined"
        raise DirectoryError("NOT_SHARED", title=resource.title, basis=basis, basis_en=basis_en)


_IN_WORDS: Final = (Part.BASIS, Part.SCENARIO, Part.SCOPE)
"""What Article 20 asks for that only words can say."""


def _write(session: Session, row: RequestRow, asked: AccessRequest, now: datetime) -> None:
    session.flush()
    session.add(RequestVersion(request_id=row.id, version=row.version, record=asked, created_at=now))
    session.flush()


def _own(state: State) -> Move:
    return Move(state, Stage.NONE, frozenset({Party.CREATOR}))

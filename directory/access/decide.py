"""What people decide about a request: visibility first, then the table of moves, then who is asking, then the act.

Everything happens in the caller's transaction, with the request's row locked, and leaves a step and an audit entry.
"""

from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access import changing, disputes, endings, extend, handover, reply, supplement, terms
from directory.access.bind import change_grant, end_changes
from directory.access.drafting import check
from directory.access.granting import give, give_at_once
from directory.access.issue import offered
from directory.access.models import RequestRow
from directory.access.moments import moment
from directory.access.moves import TAKES
from directory.access.permitted import permitted
from directory.access.queries import locked, text_of
from directory.access.reading import require_read
from directory.access.said import NOTHING, Said, require_place
from directory.access.states import Act, State
from directory.access.steps import Decider, leave_step
from directory.access.tables import resolve
from directory.actors import Actor
from directory.backflow import queries as backflow
from directory.clock.deadlines import day_of
from directory.deciders.queries import decided_for
from directory.errors import DirectoryError
from directory.nodes.queries import has_node
from directory.offers.queries import require_offered
from directory.resources.queries import find
from directory.services.queries import require_ended
from directory.statements.gather import gathered
from directory.typed import is_legible
from metadata.resource import Resource
from standards.crypto import SigningKey

EXTENSION_ACTS = frozenset({Act.EXTENSION_ASKED, Act.EXTENDED, Act.EXTENSION_REFUSED})
REQUEST_ACTS = EXTENSION_ACTS | {
    Act.REQ_APPROVED,
    Act.SUBMITTED,
    Act.ACCEPTED,
    Act.SUPPLEMENT_ASKED,
    Act.AGREED,
    Act.REFUSED,
    Act.URGED,
    Act.RECTIFIED,
    Act.PURPOSE_DONE,
    Act.DISPOSAL_ASKED,
    Act.DISPOSED,
    Act.DISCARDED,
    Act.HANDED_OVER,
    *disputes.ACTS,
}
GRANT_ACTS = frozenset({Act.SUSPENDED, Act.ACTIVE, Act.TERMINATED})
_NEED_NO_COMMENT = {
    Act.REQ_APPROVED,
    Act.SUBMITTED,
    Act.ACCEPTED,
    Act.AGREED,
    Act.REFUSED,
    Act.EXTENDED,
    Act.DISPOSED,
    Act.DISCARDED,
}
_GOES_ON = frozenset({Act.SUBMITTED, Act.ACCEPTED, Act.AGREED})
PLAIN: Final = frozenset({Act.REQ_APPROVED, Act.ACCEPTED, Act.AGREED, Act.REFUSED})
"""The daily ones, which ask everything that may refuse them before they write, but for what ``issue`` asks: what they
leave may be written at their end, and that of many together.
"""


def decide(
    session: Session,
    actor: Actor,
    key: SigningKey,
    request_id: UUID,
    act: Act,
    now: datetime,
    said: Said = NOTHING,
    *,
    suite_2: AbstractSet[str],
) -> RequestRow:
    """Move a request; agreeing for good issues its grant, and acts on a grant go into the feed. What a standing consent
    covers is agreed to as soon as it is accepted.

    Raises ``REQUEST_NOT_FOUND``, ``REQUEST_CHANGED``, ``CLOCK_BEHIND``, ``COMMENT_REQUIRED``, ``SAID_TOO_MUCH``, as
    ``permitted``, what the act's own module raises (``supplement``, ``reply``, ``extend``, ``disputes``, ``endings``,
    ``handover``), ``NO_NODE``, ``NO_SM2_KEYS``, and whatever cannot be granted any more.
    """
    row = locked(session, actor, request_id)
    with gathered(session) if act in PLAIN else nullcontext():
        decide_on(session, actor, key, row, act, now, said, suite_2=suite_2)
    return row


def decide_on(
    session: Session,
    actor: Actor,
    key: SigningKey,
    row: RequestRow,
    act: Act,
    now: datetime,
    said: Said = NOTHING,
    *,
    suite_2: AbstractSet[str],
) -> None:
    """The same, of a request that this actor sees and that is held."""
    require_read(session, row, said.version)
    now = moment(row, now)
    moved, actor = permitted(session, actor, row, act, day_of(now))
    comment, reason = said.comment.strip(), said.reason.strip()
    if act in REQUEST_ACTS | GRANT_ACTS and act not in _NEED_NO_COMMENT and not is_legible(comment):
        raise DirectoryError("COMMENT_REQUIRED")
    require_place(act, TAKES, [name for name in TAKES if getattr(said, name)])
    if act in _GOES_ON:
        changing.require_standing(session, row)
    if act is Act.HANDED_OVER:
        row.handled_by = handover.handler_named(session, row, said.handed_to).id
    _prepare(session, actor, row, act, said.model_copy(update={"reason": reason}), now)
    leave_step(session, row, act, moved, Decider.person(actor), now, comment=comment, reason=reason, until=said.until)
    if act is Act.SUPPLEMENT_ASKED:
        supplement.keep(session, row, said.missing)
    elif act is Act.AGREED:
        reply.keep_items(session, row, said.refused_items)
        if moved.state is State.AGREED:
            give(session, actor, key, row, now, suite_2)
        else:
            give_at_once(session, actor, key, row, now, suite_2)
    elif act is Act.ACCEPTED or (act is Act.REQ_APPROVED and moved.state is State.SUBMITTED):
        give_at_once(session, actor, key, row, now, suite_2)
    elif act in GRANT_ACTS or act is Act.PURPOSE_DONE:
        change_grant(session, key, row, act, now)
        if act is not Act.ACTIVE:
            end_changes(session, actor, key, row, now)
    elif said.certificate is not None:
        endings.keep_certificate(session, row, said.certificate)


def _prepare(session: Session, actor: Actor, row: RequestRow, act: Act, said: Said, now: datetime) -> None:
    """What has to hold, and what happens, before the step is left."""
    backflow.require_unconditional(session, row.id, act, said)
    if act is Act.SUBMITTED or (act is Act.REQ_APPROVED and backflow.is_backflow(session, row.id)):
        supplement.require_supplemented(session, row, said.comment)
        _receive(session, actor, row, now)
    elif act is Act.SUPPLEMENT_ASKED:
        supplement.ask(session, row, said.missing, now)
    elif act is Act.ACCEPTED:
        reply.require_term(session, row, now)
    elif act is Act.AGREED:
        reply.require_term(session, row, now)
        reply.require_items(session, actor, row, said.refused_items)
        reply.require_free(session, row, said.refused_items, now)
    elif act is Act.REFUSED:
        reply.require_reason(session, actor, row, said.reason)
        terms.stop(row, "answered", now)
        row.replied_at = now
    elif act in EXTENSION_ACTS:
        extend.take(session, actor, row, act, said.days, now)
    elif act is Act.RECONSIDERED:
        reply.start(session, row, now)
    elif act is Act.SUSPENDED:
        endings.require_until(said.until, now)
    elif act is Act.TERMINATED:
        _require_end(session, actor, row, now)
    elif act is Act.DISPOSAL_ASKED:
        endings.require_way(said.reason)
        endings.require_until(said.until, now)
    elif act is Act.DISPOSED:
        endings.require_certificate(session, row, said, now)


def _require_end(session: Session, actor: Actor, row: RequestRow, now: datetime) -> None:
    """Whether a use may be terminated: not within a term for putting right, and by its provider, while nothing is
    misused, only as an ending that was announced and filed (Art. 27). The office ends what is misused.
    """
    endings.require_rectification_over(session, actor, row, now)
    if row.state in changing.IN_USE and actor.org_code == row.provider_org:
        require_ended(session, row.resource_id, row.resource_title, day_of(now))


def _receive(session: Session, actor: Actor, row: RequestRow, now: datetime) -> None:
    """Article 21 counts from receipt. After a supplement it counts anew; the first date is kept."""
    entry = find(session, actor, str(row.resource_id))
    resource = offered(session, entry)
    check(text_of(session, row), resource, now)
    goes_back = backflow.backflow_of(session, row.id)
    if goes_back is None:
        require_offered(session, entry.id, text_of(session, row), row.requester_org, day_of(now))
    else:
        backflow.require_territory(session, row, goes_back, day_of(now))
    if not has_node(session, row.requester_org):
        raise DirectoryError("NO_NODE", org_name=actor.org_name)
    row.share_type = str(resource.sharing.share_type)
    if goes_back is not None:  # no condition holds there, the entry's own least of all (Art. 24)
        row.share_type, row.needs_office, row.office_first = "unconditional", False, False
    else:
        _name_deciders(session, row, resource, now)
    row.submitted_at = now
    row.first_submitted_at = row.first_submitted_at or now
    reply.start(session, row, now)


def _name_deciders(session: Session, row: RequestRow, resource: Resource, now: datetime) -> None:
    """Who decides is what stands on the day of receipt, and stays so: a rule entered later is for later requests."""
    asked = resolve(text_of(session, row), resource)
    decided = decided_for(
        session,
        row.provider_org,
        row.share_type,
        asked.mount.kind,
        [item for part in asked.parts for item in part.items],
        is_published=resource.sharing.needs_office_approval,
        on=day_of(now),
    )
    row.needs_office, row.office_first = decided.needs_office, decided.office_first
    row.decider_rule_id = decided.rule.id

"""Move an entry from status to status: who may, what it needs, and the step that stays as proof."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.access.gone import tell_gone
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.negatives.gate import refuse_listed
from directory.policy import allows, capacities, require
from directory.resources.admit import refuse
from directory.resources.discard import release
from directory.resources.models import ResourceEntry, ResourceRemark, ResourceStep, ResourceVersion
from directory.resources.queries import Remark, authors_since_published, current_record, find
from directory.resources.register import write_step
from directory.resources.states import APPROVALS, STATUSES, Move, moves, moves_from
from directory.services.gate import refuse_unfiled
from directory.services.item_changes import tell_changed
from directory.services.queries import require_ended
from directory.typed import is_legible
from metadata.paths import is_path
from metadata.record import canonical_bytes
from metadata.rules import lacks
from standards.crypto import digest_hex
from standards.findings import errors


def move(
    session: Session,
    actor: Actor,
    ref: str,
    to: str,
    comment: str,
    now: datetime,
    remarks: Sequence[Remark] = (),
    step: str = "",
) -> ResourceEntry:
    """Take the step that leads to ``to``; a return may say field by field why (``remarks``), or needs a comment.

    Several steps may lead there; ``step`` names the one that is meant, otherwise it follows from who the actor is.

    Raises ``STATUS_FORBIDS``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``APPROVED_ALREADY``, ``COMMENT_REQUIRED``,
    ``SERVICE_UNANNOUNCED`` and ``SERVICE_CHANGE_UNFILED`` (ending or changing what is in use, Art. 27),
    ``REMARK_INVALID``, ``REMARKS_MISPLACED`` and, before publication, ``RESOURCE_INCOMPLETE`` with every finding and
    ``NEGATIVE_LISTED``.
    """
    entry = find(session, actor, ref, lock=True)
    author = session.get_one(ResourceVersion, (entry.id, entry.current_version)).created_by
    chosen, actor = _permitted(session, actor, entry, to, author, step)
    _refuse_remarks(chosen, remarks)
    if chosen.needs_comment and not is_legible(comment) and not remarks:
        raise DirectoryError("COMMENT_REQUIRED")
    if chosen.needs_complete:
        findings = lacks(current_record(session, entry))
        refuse(errors(findings), findings, "RESOURCE_INCOMPLETE")
        refuse_listed(session, entry, current_record(session, entry), day_of(now))
    if chosen.to == "withdrawn":
        require_ended(session, entry.id, entry.title, day_of(now))
    if chosen.step == "publish":
        refuse_unfiled(session, entry, current_record(session, entry), day_of(now))
    before, known = entry.status, entry.published_version
    _take(session, actor, entry, chosen, comment.strip(), now, author)
    if chosen.step == "publish":
        tell_changed(session, actor, entry, now)
        tell_gone(session, actor, entry, known, now)
    for number, remark in enumerate(remarks):
        kept = {"number": number, "path": remark.path, "reason": remark.reason.strip()}
        session.add(ResourceRemark(resource_id=entry.id, seq=entry.step_seq, **kept))
    details: Details = {"from": before, "to": entry.status, "version": entry.current_version}
    if comment.strip():  # its words may name persons
        details = {**details, "comment_digest": digest_hex(comment.strip().encode())}
    if remarks:
        words = [[remark.path, remark.reason.strip()] for remark in remarks]
        details = {**details, "remarks": len(remarks), "remarks_digest": digest_hex(canonical_bytes(words))}
    record_audit(session, actor, f"resource:{chosen.step}", str(entry.id), at=now, details=details)
    session.flush()
    return entry


def _refuse_remarks(chosen: Move, remarks: Sequence[Remark]) -> None:
    """Remarks belong to a return, and each to a field that there is."""
    if remarks and chosen.step != "return":
        raise DirectoryError("REMARKS_MISPLACED", step=chosen.name_zh)
    for remark in remarks:
        if not is_path(remark.path):
            raise DirectoryError("REMARK_INVALID", path=remark.path[:100], reason="目录没有这个字段")
        if not remark.reason.strip():
            raise DirectoryError("REMARK_INVALID", path=remark.path, reason="没有写理由")


def legal_moves(session: Session, actor: Actor, entry: ResourceEntry) -> list[Move]:
    """What this actor may do to the entry now, for the buttons of a page; what it needs besides is said when done."""
    author = session.get_one(ResourceVersion, (entry.id, entry.current_version)).created_by
    following = moves_from(entry.status, has_published=entry.published_version is not None)
    found = []
    for to in dict.fromkeys(each.to for each in following):
        try:
            found.append(_permitted(session, actor, entry, to, author)[0])
        except DirectoryError:  # the reason is told to whoever tries
            continue
    return found


def _permitted(
    session: Session, actor: Actor, entry: ResourceEntry, to: str, author: UUID, step: str = ""
) -> tuple[Move, Actor]:
    """The step that leads there and the capacity in which this actor may take it: as themselves, or for a colleague.

    Nobody decides on their own writing or twice, not for somebody else either.
    """
    refused = []
    for acting in capacities(actor):
        try:
            return _permitted_as(session, acting, entry, to, author, step), acting
        except DirectoryError as error:
            refused.append(error)
    raise next((each for each in refused if each.code != "FORBIDDEN"), refused[0])


def _permitted_as(session: Session, actor: Actor, entry: ResourceEntry, to: str, author: UUID, step: str) -> Move:
    is_author = bool(actor.people & authors_since_published(session, entry))
    chosen = _choose(actor, entry, to, step, is_author=is_author)
    if not chosen.is_own and author in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    if chosen.is_approval:
        _refuse_second_hand(session, actor, entry)
    return chosen


def _choose(actor: Actor, entry: ResourceEntry, to: str, step: str, *, is_author: bool) -> Move:
    """Of the steps that lead there, the one this actor may take; an author takes back what another would return."""
    leading = moves(entry.status, to, has_published=entry.published_version is not None)
    possible = [each for each in leading if step in {"", each.step}]
    if not possible:
        raise DirectoryError(
            "STATUS_FORBIDS",
            status=STATUSES[entry.status],
            status_en=entry.status,
            what=f"转为“{STATUSES.get(to, to)}”",
        )
    allowed = [each for each in possible if allows(actor, each.action, entry.org_code)]
    if not allowed:
        require(actor, possible[0].action, entry.org_code)
    own = [each for each in allowed if each.is_own]
    chosen = own[0] if is_author and own else allowed[0]
    if chosen.is_approval and is_author:
        raise DirectoryError("SELF_APPROVAL")
    return chosen


def _refuse_second_hand(session: Session, actor: Actor, entry: ResourceEntry) -> None:
    """One person approves at one stage only; the index ``uq_resource_step_approver`` says the same."""
    earlier = select(ResourceStep.seq).where(
        ResourceStep.resource_id == entry.id,
        ResourceStep.round == entry.round,
        or_(ResourceStep.decided_by.in_(actor.people), ResourceStep.decided_for.in_(actor.people)),
        ResourceStep.step.in_(APPROVALS),
    )
    if session.scalar(earlier) is not None:
        raise DirectoryError("APPROVED_ALREADY")


def _take(
    session: Session, actor: Actor, entry: ResourceEntry, chosen: Move, comment: str, now: datetime, author: UUID
) -> None:
    status = chosen.to
    if chosen.step == "publish":
        entry.published_version = entry.current_version
        entry.published_on = day_of(now)
    if chosen.step == "resume" and entry.published_version != entry.current_version:
        status = "draft"  # a successor was being worked on when the entry was suspended
    if chosen.step == "discard":
        release(session, entry)
    write_step(session, entry, chosen.step, status, author, actor.account_id, now, comment, actor.behalf)
    if status == "draft":
        entry.round += 1
        session.flush()

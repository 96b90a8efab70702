"""The reply (Art. 21): its clock, its reasons, and what of the items it agrees to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.access import terms
from directory.access.models import RequestRow
from directory.access.queries import text_of
from directory.access.refusals import accepted_reasons
from directory.access.reply_models import RequestItemRefusal
from directory.access.said import RefusedItem
from directory.access.states import Act
from directory.actors import Actor
from directory.backflow.queries import is_backflow
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.negatives.gate import refuse_held_back
from directory.resources.models import ResourceEntry
from directory.resources.queries import held_still, published_record, seen_by
from metadata.access import AccessRequest

REPLY_RULES: Final[Mapping[str, str]] = {"unconditional": "REPLY_UNCONDITIONAL", "conditional": "REPLY_CONDITIONAL"}


def start(session: Session, row: RequestRow, now: datetime) -> None:
    """Article 21 counts from receipt, and anew when a refusal is to be reconsidered."""
    terms.start(session, row, REPLY_RULES[row.share_type], now)
    row.replied_at, row.reply_due_on = None, row.due_on
    session.flush()


def require_reason(session: Session, actor: Actor, row: RequestRow, reason: str) -> None:
    """Raise ``REFUSAL_REASON`` unless the entry or the law gives it: without such a reason a refusal is none."""
    entry = session.get_one(ResourceEntry, row.resource_id)
    resource = published_record(session, seen_by(session, actor, entry, str(entry.id)))
    declared = () if is_backflow(session, row.id) else resource.sharing.refusal_reasons
    reasons = accepted_reasons(declared)  # what goes back to a lower territory has no conditions of the entry's
    if reason not in reasons:
        raise DirectoryError("REFUSAL_REASON", reasons="；".join(reasons), reasons_en="; ".join(reasons))


def require_term(session: Session, row: RequestRow, now: datetime) -> None:
    """Raise ``TERM_OVER`` where the term of use asked for ran out while the request waited: nothing is left to give."""
    until = text_of(session, row).valid_until
    if until < day_of(now):
        raise DirectoryError("TERM_OVER", valid_until=until.isoformat())


def require_items(session: Session, actor: Actor, row: RequestRow, refused: Sequence[RefusedItem]) -> None:
    """Whether these items can be left out of an agreement.

    Raises ``ITEM_NOT_ASKED``, ``ITEM_TWICE``, ``ITEMS_ALL_REFUSED`` (that is a refusal), ``REFUSAL_REASON``.
    """
    if not refused:
        return
    names = [each.item for each in refused]
    left = [item for item in agreed_text(session, row).items if item not in names]
    strange = sorted(set(names) - set(text_of(session, row).items))
    if strange:
        raise DirectoryError("ITEM_NOT_ASKED", items=strange)
    if len(set(names)) != len(names):
        raise DirectoryError("ITEM_TWICE", items=sorted({name for name in names if names.count(name) > 1}))
    if not left:
        raise DirectoryError("ITEMS_ALL_REFUSED")
    for reason in dict.fromkeys(each.reason for each in refused):
        require_reason(session, actor, row, reason)


def require_free(session: Session, row: RequestRow, refused: Sequence[RefusedItem], now: datetime) -> None:
    """Raise ``NEGATIVE_HELD_BACK`` where the negative list holds back what would be agreed to: an item of the request
    that nobody has left out, nor does this agreement. The entry stays as it is until that is given.
    """
    entry = held_still(session, row.resource_id)
    fields = set(agreed_text(session, row).items) - {each.item for each in refused}
    refuse_held_back(session, entry, published_record(session, entry), fields, day_of(now))


def keep_items(session: Session, row: RequestRow, refused: Sequence[RefusedItem]) -> None:
    """What the step just left does not agree to."""
    if not refused:
        return
    session.flush()  # the step, before what belongs to it
    row.left_out.extend(
        RequestItemRefusal(request_id=row.id, step_seq=row.step_seq, item=each.item, reason=each.reason)
        for each in refused
    )
    session.flush()


def refused_items(session: Session, row: RequestRow) -> Mapping[str, str]:
    """The items that the present reply leaves out, each with its reason, in the order of the request.

    What was left out before the text was last submitted, or the reply begun anew, counts no more.
    """
    began = max((step.seq for step in row.steps if step.act in (Act.SUBMITTED, Act.RECONSIDERED)), default=0)
    found = {each.item: each.reason for each in row.left_out if each.step_seq > began}
    return {item: found[item] for item in text_of(session, row).items if item in found}


def agreed_text(session: Session, row: RequestRow) -> AccessRequest:
    """The request with only the items that nobody has left out: what a grant holds."""
    asked, refused = text_of(session, row), refused_items(session, row)
    return asked.model_copy(update={"items": tuple(item for item in asked.items if item not in refused)})

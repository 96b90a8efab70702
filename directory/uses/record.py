"""Recording a use (Art. 29). A record is never changed: another takes its place, and both are shown."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt
from sqlalchemy.orm import Session

from directory.access.queries import locked
from directory.access.reply import agreed_text
from directory.access.reply_models import DisposalCertificate
from directory.access.said import Words
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import require
from directory.typed import is_legible
from directory.uses.models import UseRecord
from directory.uses.moments import Occasion
from directory.uses.queries import Use, rules, use
from standards.crypto import digest_hex

PART_NAMES: Final[Mapping[str, str]] = {
    "scenario": "使用场景",
    "process": "使用过程",
    "effect": "应用成效",
    "storage": "存储情况",
    "disposal": "销毁情况",
}
"""The five of Article 29, in its order."""


class UseSaid(BaseModel):
    """What is recorded. Without days, those that ``default_days`` gives; ``items_used`` are fields, None says nothing.

    ``corrects`` is the record that this one takes the place of, ``correction`` why.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    occasion: Occasion
    covers_from: date | None = None
    covers_until: date | None = None
    scenario: Words = ""
    process: Words = ""
    effect: Words = ""
    storage: Words = ""
    disposal: Words = ""
    items_used: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=2000)] | None = None
    corrects: Annotated[StrictInt, Field(ge=1, le=100_000)] | None = None
    correction: Words = ""


def record_use(session: Session, actor: Actor, request_id: UUID, said: UseSaid, now: datetime) -> UseRecord:
    """Record what was done with what this request was granted.

    Raises ``REQUEST_NOT_FOUND``, ``FORBIDDEN`` to all but the requester's people, ``USE_NOT_BEGUN``,
    ``USE_NOT_ENDED``, ``USE_DAYS``, ``USE_INCOMPLETE``, ``USE_ITEM_UNKNOWN``, ``USE_RECORD_NOT_FOUND``,
    ``USE_CORRECTED``, ``USE_CORRECTION``, ``USE_TOO_MANY``.
    """
    row = locked(session, actor, request_id)  # one after the other: numbers follow each other
    require(actor, Action.USE_RECORD, row.requester_org)
    found = use(session, actor, request_id)
    if len(found.records) >= LIMITS.use_record_count:
        raise DirectoryError("USE_TOO_MANY", limit=LIMITS.use_record_count)
    words = {name: getattr(said, name).strip() for name in PART_NAMES}
    covers_from, covers_until = _days(found, said, day_of(now))
    _require_parts(session, found, said.occasion, words)
    unknown = sorted(set(said.items_used or ()) - set(agreed_text(session, row).items))
    if unknown:
        raise DirectoryError("USE_ITEM_UNKNOWN", items=unknown[:20])
    _require_correctable(found, said)
    made = UseRecord(
        request_id=row.id,
        seq=len(found.records) + 1,
        occasion=said.occasion.value,
        covers_from=covers_from,
        covers_until=covers_until,
        items_used=None if said.items_used is None else sorted(set(said.items_used)),
        corrects=said.corrects,
        correction=said.correction.strip(),
        recorded_by=actor.account_id,
        recorder_name=actor.display_name,
        org_code=actor.org_code,
        org_name=actor.org_name,
        recorded_at=now,
        **words,
    )
    session.add(made)
    session.flush()
    details: Details = {
        "seq": made.seq,
        "occasion": made.occasion,
        "corrects": made.corrects,
        "words_digest": digest_hex("\n".join(words.values()).encode()),
    }
    record(session, actor, "use:record", str(row.id), details=details, at=now)
    return made


def default_days(found: Use, occasion: Occasion, today: date) -> tuple[date, date]:
    """The days a record is about where nobody says: from the day after the last record's, or the beginning, to the
    end of use or today; a first record from the beginning.
    """
    until = found.life.ended_on or today
    if occasion is Occasion.FIRST_DELIVERY or not found.spans:
        return found.life.began_on, until
    return min(max(each.covers_until for each in found.spans) + timedelta(days=1), until), until


def _days(found: Use, said: UseSaid, today: date) -> tuple[date, date]:
    if said.occasion is Occasion.END and found.life.ended_on is None:
        raise DirectoryError("USE_NOT_ENDED")
    replaced = next((each for each in found.records if each.seq == said.corrects), None)
    default_from, default_until = (
        (replaced.covers_from, replaced.covers_until) if replaced else default_days(found, said.occasion, today)
    )
    first, last = said.covers_from or default_from, said.covers_until or default_until
    if not found.life.began_on <= first <= last <= today:
        raise DirectoryError("USE_DAYS", began_on=found.life.began_on.isoformat())
    return first, last


def _require_parts(session: Session, found: Use, occasion: Occasion, words: Mapping[str, str]) -> None:
    """What the occasion asks for; a certificate of disposal says what became of the data."""
    rule = rules()[occasion]
    is_certified = session.get(DisposalCertificate, found.row.id) is not None
    missing = [name for name in rule.asks if not is_legible(words[name]) and not (name == "disposal" and is_certified)]
    if missing:
        findings = [{"path": name, "zh": f"“{rule.name}”须写明{PART_NAMES[name]}"} for name in missing]
        names = [PART_NAMES[name] for name in missing]
        raise DirectoryError("USE_INCOMPLETE", occasion=rule.name, missing=names, missing_en=missing, findings=findings)


def _require_correctable(found: Use, said: UseSaid) -> None:
    if (said.corrects is None) != (not is_legible(said.correction)):
        raise DirectoryError("USE_CORRECTION")
    if said.corrects is None:
        return
    if said.corrects > len(found.records):
        raise DirectoryError("USE_RECORD_NOT_FOUND", seq=said.corrects)
    by = next((each.seq for each in found.records if each.corrects == said.corrects), None)
    if by is not None:
        raise DirectoryError("USE_CORRECTED", seq=said.corrects, by=by)

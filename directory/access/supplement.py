"""补正 (Art. 21 一次性告知): one notice lists everything missing; what was missing then is not asked for again.

What comes back meets it part by part (decision 0095).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from directory.access import terms
from directory.access.comment_models import RequestFile
from directory.access.models import RequestRow, RequestStep, RequestVersion
from directory.access.queries import text_of
from directory.access.reply_models import RequestSupplement
from directory.access.said import PART_NAMES, Part, parts_named
from directory.access.states import Act, Stage, State
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from metadata.access import AccessRequest
from metadata.record import Record


@dataclass(frozen=True)
class Notice:
    """A notice that is not answered: its step, the parts that it lists, and those of them that are ``left`` as they
    were.
    """

    step: RequestStep
    listed: tuple[Part, ...]
    left: tuple[Part, ...]


def ask(session: Session, row: RequestRow, missing: Sequence[Part], now: datetime) -> None:
    """Stop the clock for what is missing; call before the step. Raises ``SUPPLEMENT_EMPTY``, ``SUPPLEMENT_ONCE``,
    and ``SUPPLEMENT_LATE`` for more than a new term of use once the request was accepted.
    """
    if not missing:
        raise DirectoryError("SUPPLEMENT_EMPTY", parts="、".join(PART_NAMES.values()))
    if row.stage != Stage.ACCEPTANCE and set(missing) != {Part.VALID_UNTIL}:
        raise DirectoryError("SUPPLEMENT_LATE")
    earlier = notices(session, row)
    if earlier:
        texts = session.scalars(
            select(RequestVersion)
            .where(RequestVersion.request_id == row.id)
            .where(RequestVersion.version.in_({row.version, *(each.version for each in earlier)}))
        )
        by_version = {each.version: each.record for each in texts}
        listed = {Part(each.part) for each in earlier}
        late = tuple(
            part
            for part in missing
            if not _ran_out(part, by_version[row.version], now)
            and (
                part in listed
                or any(_is_as_it_was(part, by_version[each.version], by_version[row.version]) for each in earlier)
            )
        )
        if late:
            raise DirectoryError("SUPPLEMENT_ONCE", parts=[PART_NAMES[part] for part in late], parts_en=late)
    row.supplement_asked_at = row.supplement_asked_at or now
    terms.stop(row, "supplement", now)


def require_supplemented(session: Session, row: RequestRow, comment: str) -> None:
    """Raise ``SUPPLEMENT_UNTOUCHED``, by name, for what a request that comes back from a notice leaves as it was.

    A part of the text is another than the notice found, for papers another came since, or ``comment`` names it: whoever
    holds that it was right says so, and the office accepts it or not. Call before the step.
    """
    notice = open_notice(session, row)
    named = parts_named(comment)
    parts = [part for part in notice.left if part not in named] if notice else []
    if parts:
        raise DirectoryError("SUPPLEMENT_UNTOUCHED", parts=[PART_NAMES[part] for part in parts], parts_en=parts)


def open_notice(session: Session, row: RequestRow) -> Notice | None:
    """The notice since which the request has not been received again, part by part; None where there is none."""
    step = _open_step(row)
    if step is None:
        return None
    listed = {Part(each.part) for each in notices(session, row) if each.step_seq == step.seq}
    then, now = session.get_one(RequestVersion, (row.id, step.version)).record, text_of(session, row)
    left = {part for part in listed if _is_as_it_was(part, then, now)}
    if Part.PAPERS in left and _has_paper_since(session, row, step):
        left -= {Part.PAPERS}
    return Notice(step, tuple(part for part in Part if part in listed), tuple(part for part in Part if part in left))


def _open_step(row: RequestRow) -> RequestStep | None:
    for step in reversed(row.steps):
        if step.act == Act.SUPPLEMENT_ASKED:
            return step
        if step.state == State.SUBMITTED:
            return None
    return None


def _has_paper_since(session: Session, row: RequestRow, notice: RequestStep) -> bool:
    """Whether one came that was not there already: the same file again is no supplement."""
    known = aliased(RequestFile)
    before = select(known.sha256).where(known.request_id == row.id, known.at < notice.decided_at)
    paper = exists().where(
        RequestFile.request_id == row.id,
        RequestFile.org_code == row.requester_org,
        RequestFile.at >= notice.decided_at,
        RequestFile.sha256.not_in(before),
    )
    return bool(session.scalar(select(paper)))


def keep(session: Session, row: RequestRow, missing: Sequence[Part]) -> None:
    """What the notice lists, under its step."""
    session.add_all(
        RequestSupplement(request_id=row.id, step_seq=row.step_seq, part=part.value, version=row.version)
        for part in dict.fromkeys(missing)
    )
    session.flush()


def notices(session: Session, row: RequestRow) -> Sequence[RequestSupplement]:
    """Everything that was ever listed, oldest first."""
    query = select(RequestSupplement).where(RequestSupplement.request_id == row.id)
    return session.scalars(query.order_by(RequestSupplement.step_seq, RequestSupplement.part)).all()


def _ran_out(part: Part, text: AccessRequest, now: datetime) -> bool:
    """Whether a term of use that could be granted at the earlier notice can be no more: nobody could have seen that."""
    return part is Part.VALID_UNTIL and text.valid_until <= day_of(now)


def _is_as_it_was(part: Part, then: AccessRequest, now: AccessRequest) -> bool:
    """Whether this part reads as it did, whatever its blanks and the order of its items or of a filter's values; papers
    count as there all along, for nobody keeps what they were.
    """
    return part is Part.PAPERS or _read(getattr(then, part.value)) == _read(getattr(now, part.value))


def _read(value: object) -> object:
    if isinstance(value, str):
        return "".join(value.split())
    if isinstance(value, Record):
        return frozenset((name, _read(each)) for name, each in value)
    return frozenset(value) if isinstance(value, tuple) else value

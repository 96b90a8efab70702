"""What a check looks like from outside; of each field what is kept is this, as it was then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.collection_check.models import CollectionCheck
from directory.collection_check.verdicts import SHOWN_MOST, VERDICT_NAMES, Verdict, judge
from directory.item_match.compare import SURE, Wanted
from directory.item_match.queries import Match
from directory.organisations.queries import organisations


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Holding(_View):
    """An item that is or may be the field: where, how surely (60–100), why, how to have it, who leads it (数源部门)."""

    resource_id: UUID
    title: str
    org_code: str
    org_name: str
    item_name: str
    item_field: str
    score: int
    is_sure: bool
    reason: str
    how: str
    is_lead: bool
    lead_name: str

    @classmethod
    def of(cls, match: Match) -> "Holding":
        return cls(
            resource_id=match.resource_id,
            title=match.title,
            org_code=match.org_code,
            org_name=match.org_name,
            item_name=match.item_name,
            item_field=match.item_field,
            score=match.score,
            is_sure=match.score >= SURE,
            reason=match.reason,
            how=match.how,
            is_lead=match.is_lead,
            lead_name=match.lead_name,
        )


class FieldFound(_View):
    """One field of the form, the verdict on it with what to do, and what was found, the best first."""

    name: str
    field: str
    verdict: Verdict
    verdict_name: str
    advice: str
    best: Holding | None
    others: tuple[Holding, ...]


class CheckLine(_View):
    """A check in a list."""

    id: UUID
    org_code: str
    org_name: str
    title: str
    purpose: str
    field_count: int
    held_count: int
    made_by: str
    made_at: datetime


class CheckView(CheckLine):
    """A check whole; ``counts`` are the fields of each verdict."""

    counts: Mapping[Verdict, int]
    fields: tuple[FieldFound, ...]


def found_for(wanted: Wanted, found: Sequence[Match], own: str) -> FieldFound:
    """What was found for a field."""
    verdict, best, advice = judge(found, own)
    others = [each for each in found if each is not best]
    return FieldFound(
        name=wanted.name,
        field=wanted.field,
        verdict=verdict,
        verdict_name=VERDICT_NAMES[verdict],
        advice=advice,
        best=Holding.of(best) if best else None,
        others=tuple(Holding.of(each) for each in others[: SHOWN_MOST - 1]),
    )


def lines(session: Session, rows: Sequence[CollectionCheck]) -> list[CheckLine]:
    """Checks as lines of a list."""
    names = {each.code: each.name for each in organisations(session)}
    people = display_names(session, [row.made_by for row in rows])
    return [
        CheckLine(
            id=row.id,
            org_code=row.org_code,
            org_name=names.get(row.org_code, row.org_code),
            title=row.title,
            purpose=row.purpose,
            field_count=row.field_count,
            held_count=row.held_count,
            made_by=people.get(row.made_by, ""),
            made_at=row.made_at,
        )
        for row in rows
    ]


def view(session: Session, row: CollectionCheck) -> CheckView:
    """One check."""
    [line] = lines(session, [row])
    fields = tuple(FieldFound.model_validate(each) for each in row.findings)
    counts = {verdict: sum(each.verdict is verdict for each in fields) for verdict in Verdict}
    return CheckView(**dict(line), counts=counts, fields=fields)

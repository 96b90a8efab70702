"""The office's rules as values, and who decides on one request."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.deciders.models import DeciderRow
from directory.deciders.rules import Case, Decided, Hand, Rule, who_decides
from metadata.resource import Item


def rules(session: Session) -> Sequence[Rule]:
    """Every rule that was ever entered, those that hold from later days first."""
    query = select(DeciderRow).order_by(DeciderRow.effective_on.desc(), DeciderRow.entered_at.desc())
    return [rule_of(row) for row in session.scalars(query)]


def rule_of(row: DeciderRow) -> Rule:
    """One rule as a value."""
    return Rule(
        deciders=tuple(Hand(each) for each in row.deciders.split(",")),
        basis=row.basis,
        effective_on=row.effective_on,
        provider_org=row.provider_org,
        share_type=row.share_type,
        mount_kind=row.mount_kind,
        min_sensitivity=row.min_sensitivity,
        id=row.id,
    )


def decided_for(
    session: Session,
    provider_org: str,
    share_type: str,
    mount_kind: str,
    items: Sequence[Item],
    *,
    is_published: bool,
    on: date,
) -> Decided:
    """Who decides on a request for these items that is submitted on this day."""
    most = max((item.sensitivity for item in items), default=1)
    return who_decides(Case(provider_org, share_type, mount_kind, most, is_published), rules(session), on)

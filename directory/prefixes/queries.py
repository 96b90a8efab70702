"""The register as it is shown: who holds which prefix, what was handed down, how many identifiers each has given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.organisations.models import Organisation
from directory.prefixes.models import PrefixAllotment, PrefixDelegation
from directory.resources.models import Minted


@dataclass(frozen=True)
class PrefixLine:
    """One prefix: its holder, since when, until when, and how many numbers were given out under it."""

    code: str
    org_code: str
    org_name: str
    allotted_at: datetime
    closed_at: datetime | None
    minted: int


@dataclass(frozen=True)
class DelegationLine:
    """One stem handed down, and to whom."""

    stem: str
    org_code: str
    org_name: str
    delegated_at: datetime


def prefixes(session: Session) -> Sequence[PrefixLine]:
    """Every prefix ever allotted, closed ones too, in the order of the codes."""
    found = session.execute(
        select(PrefixAllotment, Organisation.name, Minted.last_number)
        .join(Organisation, Organisation.code == PrefixAllotment.org_code)
        .outerjoin(Minted, (Minted.kind == "identifier") & (Minted.front == PrefixAllotment.code))
        .order_by(PrefixAllotment.code)
    )
    return [
        PrefixLine(each.code, each.org_code, name, each.allotted_at, each.closed_at, last or 0)
        for each, name, last in found
    ]


def delegations(session: Session) -> Sequence[DelegationLine]:
    """Every stem handed down, shorter ones first."""
    found = session.execute(
        select(PrefixDelegation, Organisation.name)
        .join(Organisation, Organisation.code == PrefixDelegation.org_code)
        .order_by(PrefixDelegation.stem)
    )
    return [DelegationLine(each.stem, each.org_code, name, each.delegated_at) for each, name in found]

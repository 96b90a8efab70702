"""Entering a rule on who decides. What was entered is never changed: a later one of the same conditions replaces it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import day_of
from directory.deciders.models import DeciderRow
from directory.deciders.queries import rules
from directory.deciders.rules import LAW, Rule, order_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.policy import require
from directory.typed import require_near, require_words


@dataclass(frozen=True)
class NewRule:
    """A rule as it is asked for; ``deciders`` in order, by their words."""

    deciders: Sequence[str]
    basis: str
    effective_on: date
    provider_org: str = ""
    share_type: str = ""
    mount_kind: str = ""
    min_sensitivity: int = 1


@dataclass(frozen=True)
class Listed:
    """A rule and whether it holds today, is still to come, or was replaced."""

    rule: Rule
    standing: str


def enter(session: Session, actor: Actor, new: NewRule, now: datetime) -> Rule:
    """Enter a rule for what is submitted from ``effective_on`` on; a case submitted before keeps what stood then.

    Raises ``FORBIDDEN``, ``DECIDERS_UNKNOWN``, ``DECIDERS_TWICE``, ``DECIDERS_PROVIDER``, ``DECIDERS_PAST``,
    ``DAY_FAR``, ``DECIDERS_ORG``, ``DECIDERS_TAKEN``, ``COMMENT_REQUIRED`` without the document it rests on.
    """
    require(actor, Action.DECIDER_RULE_EDIT, actor.org_code)
    deciders = order_of(new.deciders)
    if new.effective_on < day_of(now):
        raise DirectoryError("DECIDERS_PAST", effective_on=new.effective_on.isoformat())
    require_near(new.effective_on, day_of(now), LIMITS.ahead_days)
    require_words(new.basis)
    if new.provider_org and session.get(Organisation, new.provider_org) is None:
        raise DirectoryError("DECIDERS_ORG", org_code=new.provider_org)
    made = Rule(
        deciders=deciders,
        basis=new.basis.strip(),
        effective_on=new.effective_on,
        provider_org=new.provider_org or None,
        share_type=new.share_type,
        mount_kind=new.mount_kind,
        min_sensitivity=new.min_sensitivity,
        id=uuid4(),
    )
    values = {
        "id": made.id,
        "deciders": ",".join(deciders),
        "entered_by": actor.account_id,
        "entered_at": now,
        **{
            name: getattr(made, name)
            for name in ("effective_on", "provider_org", "share_type", "mount_kind", "min_sensitivity", "basis")
        },
    }
    row = insert(DeciderRow).values(values).on_conflict_do_nothing().returning(DeciderRow.id)
    if session.execute(row).one_or_none() is None:
        raise DirectoryError("DECIDERS_TAKEN", effective_on=new.effective_on.isoformat())
    details: Details = {
        "effective_on": made.effective_on.isoformat(),
        "deciders": ",".join(deciders),
        "provider_org": new.provider_org,
        "share_type": made.share_type,
        "mount_kind": made.mount_kind,
        "min_sensitivity": made.min_sensitivity,
    }
    record(session, actor, "decider_rule:edit", str(made.id), details=details, at=now)
    return made


def listed(session: Session, today: date) -> list[Listed]:
    """Every rule with where it stands, those to come first, the law's last; it is never replaced."""
    found, seen = [], set()
    for rule in rules(session):
        place = (rule.provider_org, rule.share_type, rule.mount_kind, rule.min_sensitivity)
        if rule.effective_on > today:
            standing = "coming"
        elif place in seen:
            standing = "replaced"
        else:
            standing = "holds"
            seen.add(place)
        found.append(Listed(rule, standing))
    return [*found, Listed(LAW, "holds")]

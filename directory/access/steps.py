"""Leaving a step: the request's new state, the row that proves it, the audit entry and who is told, together."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from directory.access.models import RequestRow, RequestStep
from directory.access.moves import Move
from directory.access.notices import KINDS, TOLD
from directory.access.reply_models import StandingConsent
from directory.access.states import Act, Party
from directory.actors import Actor
from directory.audit.record import record
from directory.notices.tell import To, tell
from directory.roles import Role
from directory.statements.gather import settle
from standards.crypto import digest_hex


@dataclass(frozen=True)
class Decider:
    """Who takes a step: a person, a node, or neither, when it is the calendar; never both."""

    name: str
    org_name: str
    actor: Actor | None = None
    node_id: str | None = None
    consent: StandingConsent | None = None
    agreed: RequestStep | None = None

    @classmethod
    def consenting(cls, consent: StandingConsent, org_name: str, actor: Actor) -> Self:
        """Whoever signed the consent decides, by what ``actor`` did just now."""
        return cls(consent.signer_name, org_name, actor=actor, consent=consent)

    @classmethod
    def agreed_before(cls, step: RequestStep, actor: Actor) -> Self:
        """Whoever agreed to the use that is changed decides, by what ``actor`` did just now."""
        return cls(step.decider_name, step.org_name, actor=actor, agreed=step)

    @classmethod
    def person(cls, actor: Actor) -> Self:
        return cls(actor.signature, actor.org_name, actor=actor)

    @classmethod
    def node(cls, node_id: str, org_name: str) -> Self:
        return cls(node_id, org_name, node_id=node_id)

    @classmethod
    def calendar(cls) -> Self:
        """The day itself: nobody decides that a term is over."""
        return cls("到期", "系统")

    @property
    def account_id(self) -> UUID | None:
        if self.consent is not None:
            return self.consent.signed_by
        if self.agreed is not None:
            return self.agreed.decided_by
        return self.actor.account_id if self.actor else None

    @property
    def behalf(self) -> Actor | RequestStep | None:
        """Whose word says for whom it was: nobody's for a consent; for an earlier agreement, that agreement's own."""
        if self.consent is not None:
            return None
        return self.agreed or self.actor


def leave_step(
    session: Session,
    row: RequestRow,
    act: Act,
    moved: Move,
    by: Decider,
    now: datetime,
    *,
    comment: str = "",
    reason: str = "",
    until: date | None = None,
) -> None:
    """Move the request. The audit entry names the words by their digest: they may speak of persons."""
    if "step_seq" in inspect(row).committed_state:  # a step of it waits to be written: the database takes them singly
        session.flush()
    row.step_seq += 1
    row.state, row.stage = moved.state.value, moved.stage.value
    row.steps.append(
        RequestStep(
            request_id=row.id,
            seq=row.step_seq,
            version=row.version,
            requested_by=row.created_by,
            act=act.value,
            state=row.state,
            stage=row.stage,
            decided_by=by.account_id,
            decided_for=by.behalf.decided_for if by.behalf else None,
            delegation_id=by.behalf.delegation_id if by.behalf else None,
            decided_by_node=by.node_id,
            decider_name=by.name,
            org_name=by.org_name,
            comment=comment,
            reason=reason,
            until=until,
            handed_to=row.handled_by if act is Act.HANDED_OVER else None,
            consent_id=by.consent.id if by.consent else None,
            decided_at=now,
        )
    )
    settle(session)
    details: dict[str, str | int | bool | None] = {
        "state": row.state,
        "stage": row.stage,
        "step": row.step_seq,
        "version": row.version,
    }
    if comment:
        details["comment_digest"] = digest_hex(comment.encode())
    if by.consent is not None:
        details["consent_id"] = str(by.consent.id)
    if reason:
        details["reason"] = reason
    if act is Act.HANDED_OVER:
        details["handed_to"] = str(row.handled_by)
    who = by.actor or by.node_id or "calendar"
    record(session, who, f"request:{act.value}", str(row.id), details=details, at=now)
    _tell(session, row, act, by, now)


def reach(row: RequestRow, party: Party) -> To:
    """Whom to tell when this party of a request is to know."""
    match party:
        case Party.CREATOR:
            return To.person(row.handler)
        case Party.REQUESTER_LEAD:
            return To.holders(Role.SHARING_LEAD, row.requester_org)
        case Party.PROVIDER_LEAD:
            return To.holders(Role.SHARING_LEAD, row.provider_org)
        case Party.OFFICE_REVIEWER:
            return To.everywhere(Role.OFFICE_REVIEWER)
        case _:
            return To.everywhere(Role.OFFICE_APPROVER)


def _tell(session: Session, row: RequestRow, act: Act, by: Decider, now: datetime) -> None:
    """The parties whom the step concerns; whoever took it knows."""
    did = by.actor.account_id if by.actor else None
    for told in TOLD.get(act, ()):
        if told.state not in (None, row.state) or told.stage not in (None, row.stage):
            continue
        to = [reach(row, party) for party in told.parties]
        named = {"title": row.resource_title, "org": by.org_name}
        needed = {name: named[name] for name in KINDS[told.kind].parameters}
        tell(session, to=to, kind=told.kind, about=row.id, now=now, by=did, **needed)

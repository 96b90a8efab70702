"""Hold what a file says against the directory: new, known and the same, known and different, or not to be taken."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.imports.models import ImportEntry
from directory.imports.twins import Twin, twins
from directory.organisations.models import Organisation
from directory.policy import Denied, may, require
from directory.resources.models import ResourceEntry
from directory.resources.queries import current_record
from directory.resources.reading import Incoming, Incomings
from directory.resources.standing import Standing, keyed, standings
from directory.resources.states import EDITABLE, STATUSES
from metadata.difference import Difference, differences
from metadata.rules import check, lacks
from standards.errors import ExplainedError
from standards.findings import Finding, errors

_SHOWN_FINDINGS = 20


def compare(session: Session, actor: Actor, incoming: Incomings, today: date) -> list[dict[str, Any]]:
    """For each entry of the file, in its order: the columns of ``ImportEntry`` that say how it stands."""
    entries = keyed(incoming)
    codes = org_codes(session, incoming)
    known = standings(session, entries, codes)
    near = twins(session, actor, [each.record.title for key, each in entries.items() if key not in known])
    found = []
    for key, each in entries.items():
        code = codes.get(each.record.provider.name, "")
        problem = _forbidden(actor, code) or _wrong(each, today)
        found.append(_line(actor, code, known.get(key), each, incoming, near.get(each.record.title, ()), problem))
    return found


def _line(
    actor: Actor,
    code: str,
    known: Standing | None,
    each: Incoming,
    incoming: Incomings,
    near: tuple[Twin, ...],
    problem: Mapping[str, Any],
) -> dict[str, Any]:
    line: dict[str, Any] = {"resource_id": None, "version_before": None, "twins": [], "problem": {}}
    if known is not None:
        line |= {"resource_id": known.resource_id, "version_before": known.version}
        if known.is_same(each.record, incoming.elements):
            return line | {"standing": "unchanged"}
        if problem:
            return line | {"standing": "refused", "problem": problem}
        return line | {"standing": "different", "problem": _cannot_update(actor, code, known)}
    shown = [twin._asdict() | {"resource_id": str(twin.resource_id), "is_own": twin.org_code == code} for twin in near]
    return line | {"standing": "refused" if problem else "new", "problem": problem, "twins": shown}


def changes(session: Session, entry: ImportEntry, elements: frozenset[str] | None) -> list[Difference]:
    """What an update from the file would change in the entry as it is now, field by field."""
    known = session.get(ResourceEntry, entry.resource_id) if entry.resource_id else None
    if known is None or entry.record is None:
        return []
    before = current_record(session, known)
    standing = Standing(known.id, known.status, known.current_version, before)
    return list(differences(before, standing.updated(entry.record, elements)))


def org_codes(session: Session, incoming: Incomings) -> dict[str, str]:
    """The codes of the file's departments by the names that it has for them; empty where there is none."""
    providers = {each.record.provider.name: each.record.provider for each in incoming.records}
    codes = {provider.code for provider in providers.values() if provider.code}
    query = select(Organisation.name, Organisation.code).where(
        or_(Organisation.name.in_(list(providers)), Organisation.code.in_(codes))
    )
    registered = {row.name: row.code for row in session.execute(query)}
    by_code = set(registered.values())
    return {
        name: registered.get(name, provider.code if provider.code in by_code else "")
        for name, provider in providers.items()
    }


def _forbidden(actor: Actor, org_code: str) -> dict[str, Any]:
    try:
        require(actor, Action.RESOURCE_REGISTER, org_code)
    except DirectoryError as error:
        return problem_of(error)
    return {}


def _wrong(each: Incoming, today: date) -> dict[str, Any]:
    """What registering would refuse about the record by itself; what others did meanwhile is seen when it is done."""
    found = check(each.record, today)
    broken = errors([*found, *(one for one in lacks(each.record) if one.rule == "refused.secrecy")])
    if not broken:
        return {}
    first = broken[0]
    return problem_of(DirectoryError("RESOURCE_REFUSED", count=len(broken), first=first.zh, first_en=first.en), broken)


def _cannot_update(actor: Actor, org_code: str, known: Standing) -> dict[str, Any]:
    """Why an update could not be chosen; the entry then stays as it is, which is no obstacle to the others."""
    verdict = may(actor, Action.RESOURCE_EDIT, org_code)
    if isinstance(verdict, Denied):
        return problem_of(DirectoryError("FORBIDDEN", reason=verdict.reason_zh, action=Action.RESOURCE_EDIT.value))
    if known.status not in EDITABLE:
        return problem_of(
            DirectoryError("STATUS_FORBIDS", status=STATUSES[known.status], status_en=known.status, what="更新")
        )
    return {}


def problem_of(error: ExplainedError, findings: list[Finding] | None = None) -> dict[str, Any]:
    """A refusal as it is kept and shown: code, words, next step, findings."""
    shown = [each.model_dump(mode="json") for each in (findings or [])[:_SHOWN_FINDINGS]]
    return {"code": error.code, "zh": error.zh, "next_step": error.next_step, "findings": shown}

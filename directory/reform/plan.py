"""What an act would move, and to whom: read only, the same for the preview and for carrying it out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, null, select
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow, RouteRow
from directory.access.models import RequestRow
from directory.access.states import ENDS, State
from directory.accounts.models import Account
from directory.duties.models import DutyChangeEntry
from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from directory.prefixes.models import PrefixAllotment
from directory.reform.choice import Choice, require_sound
from directory.reform.holdings import HOLDINGS, Follows, Holding
from directory.resources.models import ResourceEntry
from directory.statements.given_rows import among
from metadata.record import canonical_bytes
from standards.crypto import digest_hex

OVER = tuple(state.value for state in (*ENDS, State.DISPOSED, State.DISCARDED, State.REFUSED))


class Line(NamedTuple):
    """One thing and where it goes; ``to_org`` is None for a person who does not go along, and for a prefix that is
    closed. ``subject`` names it within its kind.
    """

    kind: str
    subject: str
    title: str
    from_org: str
    to_org: str | None


@dataclass(frozen=True)
class Plan:
    """Everything that moves, and as ``going`` where entries, nodes and people go."""

    lines: Sequence[Line]
    going: "Going"

    @cached_property
    def digest(self) -> str:
        """What was previewed, in 64 characters, so that nothing else is carried out."""
        return digest_hex(canonical_bytes([[each.kind, each.subject, each.to_org or ""] for each in self.lines]))

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind."""
        return Counter(each.kind for each in self.lines)


@dataclass
class Going:
    """Where entries, nodes and people go, as found so far; by the keys, as text, that other rows name them with."""

    choice: Choice
    entries: dict[str, str | None] = field(default_factory=dict)
    nodes: dict[str, str | None] = field(default_factory=dict)
    people: dict[str, str | None] = field(default_factory=dict)
    asked: dict[str, str | None] = field(default_factory=dict)
    usernames: Mapping[str, str] = field(default_factory=dict)


def plan(session: Session, choice: Choice, now: datetime) -> Plan:
    """What this act would do now.

    Raises as ``require_sound``, and ``REFORM_INVALID`` for a choice of what is not theirs.
    """
    require_sound(session, choice, now)
    going = Going(choice)
    if choice.kind == "rename":
        return Plan([], going)
    going.usernames = _usernames(session, choice)
    lines = [line for holding in HOLDINGS for line in _lines(session, going, holding)]
    _require_theirs(choice, going)
    lines += _grants(session, lines)
    lines += _prefixes(session, choice)
    lines.sort()
    return Plan(lines, going)


def previewed_plan(session: Session, choice: Choice, now: datetime, previewed: str) -> Plan:
    """The same where it is what was previewed, by its digest; raises ``REFORM_CHANGED`` besides."""
    found = plan(session, choice, now)
    if found.digest != previewed:
        raise DirectoryError("REFORM_CHANGED", changed=f"现在要移交的是 {len(found.lines)} 项")
    return found


def _lines(session: Session, going: Going, holding: Holding) -> Iterator[Line]:
    """The rows of one column that are to change."""
    choice, column, table = going.choice, holding.column, holding.table
    about = choice.closed if holding.follows is Follows.PARENT else choice.organisations
    keys = list(table.primary_key.columns)
    through_key = [table.c[holding.through]] if holding.through else []
    # As text: of tens of thousands of keys nothing else is asked, and making each what it is takes longer than asking.
    texts = [cast(each, Text) for each in (*keys, *through_key)]
    title_of = cast(_title(holding), Text).label("title")
    rows = session.execute(select(column, *texts, title_of).where(column.in_(about))).all()
    destinations = _by_request(session, going, rows) if holding.follows is Follows.DATA else {}
    if holding.follows is Follows.ENTRIES:
        destinations = _by_entries(session, going, rows)
    if holding.kind == "asked":
        going.asked.update(destinations)
    for row in rows:
        subject = row[1] if len(keys) == 1 else "/".join(row[1 : 1 + len(keys)])
        title = str(row.title or subject)
        through = str(row[1 + len(keys)]) if holding.through else ""
        through = row[0] if holding.follows is Follows.PARENT else through
        to_org = _destination(session, going, holding, subject, through, destinations)
        if to_org != row[0]:
            yield Line(holding.kind, subject, title, row[0], to_org)


def _title(holding: Holding) -> ColumnElement[Any]:
    """What a thing is shown by: its own title, else that of the entry it follows, else its key."""
    if holding.title:
        return holding.table.c[holding.title]
    if holding.follows is Follows.ENTRY:
        entry = ResourceEntry.id == holding.table.c[holding.through]
        return select(ResourceEntry.title).where(entry).scalar_subquery()
    return null()


def _destination(
    session: Session, going: Going, holding: Holding, subject: str, through: str, found: Mapping[str, str | None]
) -> str | None:
    choice = going.choice
    if holding.follows is Follows.CHOICE:
        return _chosen(going, holding.kind, subject)
    followed: Mapping[Follows, Mapping[str, str | None]] = {
        Follows.ENTRY: going.entries,
        Follows.NODE: going.nodes,
        Follows.PERSON: going.people,
        Follows.REQUEST: going.asked,
    }
    if holding.follows is Follows.PARENT:
        return _above(session, choice, through)
    key, to = (through, followed[holding.follows]) if holding.follows in followed else (subject, found)
    return to.get(key) or choice.default


def _chosen(going: Going, kind: str, subject: str) -> str | None:
    choice = going.choice
    if kind == "entry":
        chosen = choice.entries.get(UUID(subject)) if choice.entries else None
        return going.entries.setdefault(subject, chosen or choice.default)
    if kind == "node":
        return going.nodes.setdefault(subject, choice.nodes.get(subject, choice.default))
    name = going.usernames[subject]
    return going.people.setdefault(subject, choice.people.get(name, choice.default) or None)


def _above(session: Session, choice: Choice, closed: str) -> str | None:
    """Below whom those stand that stood below a closed department: the default successor, unless it was one of them."""
    above: str | None = choice.default
    while above is not None and above != closed:
        above = session.get_one(Organisation, above).parent_code
    return session.get_one(Organisation, closed).parent_code if above == closed else choice.default


def _by_request(session: Session, going: Going, rows: Sequence[Any]) -> dict[str, str | None]:
    """Requests go where their data arrive, and as long as none do, with whoever made them or goes on with them."""
    ids = [row[1] for row in rows]
    handler = func.coalesce(RequestRow.handled_by, RequestRow.created_by).label("handler")
    clerks = session.execute(select(RequestRow.id, handler).where(among(RequestRow.id, ids)))
    found = {str(row.id): going.people.get(str(row.handler)) for row in clerks}
    arriving = session.execute(
        select(GrantRow.request_id, RouteRow.consumer_node)
        .join(RouteRow, RouteRow.route_id == GrantRow.route_id)
        .where(among(GrantRow.request_id, ids))
    )
    found |= {
        str(row.request_id): going.nodes[row.consumer_node] for row in arriving if row.consumer_node in going.nodes
    }
    return found


def _by_entries(session: Session, going: Going, rows: Sequence[Any]) -> dict[str, str | None]:
    touched = session.execute(
        select(DutyChangeEntry.change_id, DutyChangeEntry.resource_id).where(
            among(DutyChangeEntry.change_id, [row[1] for row in rows])
        )
    )
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for change_id, resource_id in touched:
        counted[str(change_id)][going.entries.get(str(resource_id)) or going.choice.default] += 1
    return {change: max(sorted(each), key=each.__getitem__) for change, each in counted.items()}


def _usernames(session: Session, choice: Choice) -> Mapping[str, str]:
    query = select(cast(Account.id, Text), Account.username).where(Account.org_code.in_(choice.organisations))
    return dict(session.execute(query).all())


def _require_theirs(choice: Choice, going: Going) -> None:
    """What is chosen must be there, and belong to the departments the act is about."""
    strange = {
        "目录": {str(each) for each in choice.entries} - going.entries.keys(),
        "节点": choice.nodes.keys() - going.nodes.keys(),
        "人员": choice.people.keys() - set(going.usernames.values()),
    }
    for words, those in strange.items():
        if those:
            raise DirectoryError("REFORM_INVALID", reason=f"有 {len(those)} 个{words}不属于所涉部门")


def _grants(session: Session, lines: Sequence[Line]) -> list[Line]:
    """The grants still running of the requests that move: they are bound to nodes, and go on as they are."""
    made: list[Line] = []
    for kind, of in (("grant_provided", "received"), ("grant_used", "asked")):
        moving = {line.subject: line for line in lines if line.kind == of}
        rows = session.execute(
            select(GrantRow.grant_id, GrantRow.request_id)
            .join(RequestRow, RequestRow.id == GrantRow.request_id)
            .where(among(RequestRow.id, list(moving)), RequestRow.state.not_in(OVER))
        )
        for grant_id, request_id in rows:
            request = moving[str(request_id)]
            made.append(Line(kind, grant_id, request.title, request.from_org, request.to_org))
    return made


def _prefixes(session: Session, choice: Choice) -> list[Line]:
    query = select(PrefixAllotment).where(
        PrefixAllotment.org_code.in_(choice.closed), PrefixAllotment.closed_at.is_(None)
    )
    return [Line("prefix", each.code, each.code, each.org_code, None) for each in session.scalars(query)]

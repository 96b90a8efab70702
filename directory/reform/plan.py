"""What an act would move, and to whom: read only, the same for the preview and for carrying it out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow, RouteRow
from directory.access.models import RequestRow
from directory.access.states import ENDS, State
from directory.accounts.models import Account
from directory.deciders.models import DeciderRow
from directory.duties.models import DutyChangeEntry
from directory.errors import DirectoryError
from directory.nodes.models import Node
from directory.organisations.models import Organisation
from directory.prefixes.models import PrefixAllotment
from directory.reform.choice import Choice, require_sound
from directory.reform.holdings import HOLDINGS, Follows, Holding
from directory.resources.models import ResourceEntry, ResourceVersion
from metadata.record import canonical_bytes
from standards.crypto import digest_hex

_OVER = tuple(state.value for state in (*ENDS, State.DISPOSED, State.DISCARDED, State.REFUSED))


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
    """Everything that moves; ``notes`` say what stays as it is and what somebody should know before deciding."""

    lines: Sequence[Line]
    notes: Sequence[str]
    clocks: int

    @property
    def digest(self) -> str:
        """What was previewed, in 64 characters, so that nothing else is carried out."""
        return digest_hex(canonical_bytes([[each.kind, each.subject, each.to_org or ""] for each in self.lines]))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind."""
        return Counter(each.kind for each in self.lines)


@dataclass
class _Going:
    """Where entries, nodes and people go, as found so far; by the keys that other rows name them with."""

    choice: Choice
    entries: dict[str, str | None] = field(default_factory=dict)
    nodes: dict[str, str | None] = field(default_factory=dict)
    people: dict[str, str | None] = field(default_factory=dict)
    asked: dict[str, str | None] = field(default_factory=dict)


def plan(session: Session, choice: Choice, now: datetime) -> Plan:
    """What this act would do now.

    Raises as ``require_sound``, and ``REFORM_INVALID`` for a choice of what is not theirs.
    """
    require_sound(session, choice, now)
    if choice.kind == "rename":
        code = choice.organisations[0]
        count = session.scalar(select(func.count()).where(ResourceEntry.org_code == code)) or 0
        return Plan([], [f"{count} 条目录照旧，提供部门改显示新名称；旧名称仍可搜索。", *_signed(session, choice)], 0)
    going = _Going(choice)
    lines = [line for holding in HOLDINGS for line in _lines(session, going, holding)]
    _require_theirs(choice, going, session)
    lines += _grants(session, lines)
    lines += _prefixes(session, choice)
    lines.sort()
    return Plan(lines, _notes(session, choice, going, lines), _clocks(session, lines))


def _lines(session: Session, going: _Going, holding: Holding) -> Iterator[Line]:
    """The rows of one column that are to change."""
    choice, column, table = going.choice, holding.column, holding.table
    about = choice.closed if holding.follows is Follows.PARENT else choice.organisations
    keys = list(table.primary_key.columns)
    extra = [table.c[name] for name in (holding.through, holding.title) if name]
    rows = session.execute(select(column, *keys, *extra).where(column.in_(about))).all()
    destinations = _by_request(session, going, rows) if holding.follows is Follows.DATA else {}
    if holding.follows is Follows.ENTRIES:
        destinations = _by_entries(session, going, rows)
    if holding.kind == "asked":
        going.asked.update(destinations)
    for row in rows:
        subject = "/".join(str(value) for value in row[1 : 1 + len(keys)])
        title = _title(session, holding, row[-1], subject)
        through = str(row[1 + len(keys)]) if holding.through else ""
        through = row[0] if holding.follows is Follows.PARENT else through
        to_org = _destination(session, going, holding, subject, through, destinations)
        if to_org != row[0]:
            yield Line(holding.kind, subject, title, row[0], to_org)


def _title(session: Session, holding: Holding, last: object, subject: str) -> str:
    """What a thing is shown by: its own title, else that of the entry it follows, else its key."""
    if holding.title:
        return str(last)
    if holding.follows is not Follows.ENTRY:
        return subject
    return session.scalar(select(ResourceEntry.title).where(ResourceEntry.id == last)) or subject


def _destination(
    session: Session, going: _Going, holding: Holding, subject: str, through: str, found: Mapping[str, str | None]
) -> str | None:
    choice = going.choice
    if holding.follows is Follows.CHOICE:
        return _chosen(session, going, holding.kind, subject)
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


def _chosen(session: Session, going: _Going, kind: str, subject: str) -> str | None:
    choice = going.choice
    if kind == "entry":
        return going.entries.setdefault(subject, choice.entries.get(UUID(subject), choice.default))
    if kind == "node":
        return going.nodes.setdefault(subject, choice.nodes.get(subject, choice.default))
    name = session.get_one(Account, UUID(subject)).username
    return going.people.setdefault(subject, choice.people.get(name, choice.default) or None)


def _above(session: Session, choice: Choice, closed: str) -> str | None:
    """Below whom those stand that stood below a closed department: the default successor, unless it was one of them."""
    above: str | None = choice.default
    while above is not None and above != closed:
        above = session.get_one(Organisation, above).parent_code
    return session.get_one(Organisation, closed).parent_code if above == closed else choice.default


def _by_request(session: Session, going: _Going, rows: Sequence[Any]) -> dict[str, str | None]:
    """Requests go where their data arrive, and as long as none do, with whoever made them."""
    ids = [row[1] for row in rows]
    makers = session.execute(select(RequestRow.id, RequestRow.created_by).where(RequestRow.id.in_(ids)))
    found = {str(row.id): going.people.get(str(row.created_by)) for row in makers}
    arriving = session.execute(
        select(GrantRow.request_id, RouteRow.consumer_node)
        .join(RouteRow, RouteRow.route_id == GrantRow.route_id)
        .where(GrantRow.request_id.in_(ids))
    )
    found |= {
        str(row.request_id): going.nodes[row.consumer_node] for row in arriving if row.consumer_node in going.nodes
    }
    return found


def _by_entries(session: Session, going: _Going, rows: Sequence[Any]) -> dict[str, str | None]:
    touched = session.execute(
        select(DutyChangeEntry.change_id, DutyChangeEntry.resource_id).where(
            DutyChangeEntry.change_id.in_([row[1] for row in rows])
        )
    )
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for change_id, resource_id in touched:
        counted[str(change_id)][going.entries.get(str(resource_id)) or going.choice.default] += 1
    return {change: max(sorted(each), key=each.__getitem__) for change, each in counted.items()}


def _require_theirs(choice: Choice, going: _Going, session: Session) -> None:
    """What is chosen must be there, and belong to the departments the act is about."""
    usernames = set(session.scalars(select(Account.username).where(Account.org_code.in_(choice.organisations))))
    strange = {
        "目录": {str(each) for each in choice.entries} - going.entries.keys(),
        "节点": choice.nodes.keys() - going.nodes.keys(),
        "人员": choice.people.keys() - usernames,
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
            .where(RequestRow.id.in_([UUID(each) for each in moving]), RequestRow.state.not_in(_OVER))
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


def _clocks(session: Session, lines: Sequence[Line]) -> int:
    """How many terms run for what moves; none of them is touched."""
    moving = {UUID(line.subject) for line in lines if line.kind in ("received", "asked")}
    query = select(func.count()).where(RequestRow.id.in_(moving), RequestRow.due_on.is_not(None))
    return session.scalar(query) or 0


def _signed(session: Session, choice: Choice) -> list[str]:
    count = session.scalar(select(func.count()).where(Node.org_code.in_(choice.organisations), ~Node.is_revoked)) or 0
    if not count:
        return []
    return [
        f"{count} 个节点的编号、密钥和线路不变，只在目录和签名清单中改记所属部门；已签发的授权书仍写原部门名称，"
        "按节点和密钥认定，继续有效。"
    ]


def _notes(session: Session, choice: Choice, going: _Going, lines: Sequence[Line]) -> list[str]:
    notes = ["标识符、资源代码、申请的到期日和已签发的授权书都不变。", *_signed(session, choice)]
    inside = _inside(session, choice, lines)
    if inside:
        notes.append(
            f"{inside} 件未办结的申请或授权，其提供部门与需求部门将是同一部门：照常办理，不再需要的可提前终止。"
        )
    own_rules = session.scalar(select(func.count()).where(DeciderRow.provider_org.in_(choice.closed))) or 0
    if own_rules:
        notes.append(
            f"{own_rules} 条专为所撤部门订立的审批规则留在原部门：承接部门还须信息办一并审批的，由信息办另行订立。"
        )
    elsewhere = _elsewhere(session, going)
    if elsewhere:
        notes.append(
            f"{elsewhere} 条目录挂接在归其他部门的节点上：已有授权照常运行，"
            "新的授权须由承接部门在自己的节点上重新挂接。"
        )
    left = [line for line in lines if line.kind == "person" and line.to_org is None]
    if left:
        notes.append(f"{len(left)} 人不随转，账号停用；其经手未办结的事项由承接部门的人接办。")
    return notes


def _inside(session: Session, choice: Choice, lines: Sequence[Line]) -> int:
    """Requests not yet over whose two sides would be one department."""
    ends: dict[str, dict[str, str | None]] = defaultdict(dict)
    for line in lines:
        if line.kind in ("received", "asked"):
            ends[line.subject][line.kind] = line.to_org
    concerned: ColumnElement[bool] = or_(
        RequestRow.provider_org.in_(choice.organisations), RequestRow.requester_org.in_(choice.organisations)
    )
    rows = session.execute(
        select(RequestRow.id, RequestRow.provider_org, RequestRow.requester_org).where(
            concerned, RequestRow.state.not_in(_OVER)
        )
    )
    return sum(
        ends[str(row.id)].get("received", row.provider_org) == ends[str(row.id)].get("asked", row.requester_org)
        for row in rows
    )


def _elsewhere(session: Session, going: _Going) -> int:
    """Entries mounted at a node that is, or would be, another department's than the entry."""
    record = type_coerce(ResourceVersion.record, JSONB)
    rows = session.execute(
        select(ResourceEntry.id, func.jsonb_path_query_array(record, "$.mounts[*].node"))
        .join(
            ResourceVersion,
            and_(
                ResourceVersion.resource_id == ResourceEntry.id,
                ResourceVersion.version == ResourceEntry.current_version,
            ),
        )
        .where(ResourceEntry.org_code.in_(going.choice.organisations), ResourceEntry.status != "withdrawn")
    )
    own: dict[str, str | None] = {each.node_id: each.org_code for each in session.scalars(select(Node))}
    owners = own | going.nodes
    return sum(
        any(owners.get(node) not in (None, going.entries[str(entry)]) for node in nodes) for entry, nodes in rows
    )

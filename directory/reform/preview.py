"""What an act would move, with what somebody should know before deciding; carrying it out needs the plan alone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select, true, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.deciders.models import DeciderRow
from directory.nodes.models import Node
from directory.policy import require
from directory.reform.choice import Choice
from directory.reform.plan import OVER, Going, Line, Plan, plan
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.statements.given_rows import among, given_rows


@dataclass(frozen=True)
class Preview(Plan):
    """A plan, with the terms that run for what moves; ``notes`` say what stays as it is and what to look at."""

    notes: Sequence[str]
    clocks: int


def preview(session: Session, actor: Actor, choice: Choice, now: datetime) -> Preview:
    """What would move. Raises ``FORBIDDEN`` and as ``plan``."""
    require(actor, Action.ORGANISATION_REFORM, None)
    found = plan(session, choice, now)
    if choice.kind == "rename":
        code = choice.organisations[0]
        count = session.scalar(select(func.count()).where(ResourceEntry.org_code == code)) or 0
        notes = [f"{count} 条目录照旧，提供部门改显示新名称；旧名称仍可搜索。", *_signed(session, choice)]
        return Preview([], found.going, notes, 0)
    notes = _notes(session, choice, found.going, found.lines)
    return Preview(found.lines, found.going, notes, _clocks(session, found.lines))


def _clocks(session: Session, lines: Sequence[Line]) -> int:
    """How many terms run for what moves; none of them is touched."""
    moving = {line.subject for line in lines if line.kind in ("received", "asked")}
    query = select(func.count()).where(among(RequestRow.id, list(moving)), RequestRow.due_on.is_not(None))
    return session.scalar(query) or 0


def _signed(session: Session, choice: Choice) -> list[str]:
    count = session.scalar(select(func.count()).where(Node.org_code.in_(choice.organisations), ~Node.is_revoked)) or 0
    if not count:
        return []
    return [
        f"{count} 个节点的编号、密钥和线路不变，只在目录和签名清单中改记所属部门；已签发的授权书仍写原部门名称，"
        "按节点和密钥认定，继续有效。"
    ]


def _notes(session: Session, choice: Choice, going: Going, lines: Sequence[Line]) -> list[str]:
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
            concerned, RequestRow.state.not_in(OVER)
        )
    )
    return sum(
        ends[str(row.id)].get("received", row.provider_org) == ends[str(row.id)].get("asked", row.requester_org)
        for row in rows
    )


def _elsewhere(session: Session, going: Going) -> int:
    """Entries mounted at a node that is, or would be, another department's than the entry."""
    nodes: dict[str, str | None] = {each.node_id: each.org_code for each in session.scalars(select(Node))}
    owners = [(node, org) for node, org in (nodes | going.nodes).items() if org is not None]
    if not owners:
        return 0
    owner = given_rows(owners, (Text(), Text()), ("node_id", "org_code"))
    chosen = [(str(entry), to_org) for entry, to_org in going.choice.entries.items()]
    apart = given_rows(chosen or [("", "")], (Text(), Text()), ("entry", "to_org"), "apart")
    mounted = func.jsonb_path_query_array(type_coerce(ResourceVersion.record, JSONB), "$.mounts[*].node")
    at = func.jsonb_array_elements_text(mounted).table_valued("value", name="at")
    query = (
        select(func.count(ResourceEntry.id.distinct()))
        .join(
            ResourceVersion,
            and_(
                ResourceVersion.resource_id == ResourceEntry.id,
                ResourceVersion.version == ResourceEntry.current_version,
            ),
        )
        .join(at, true())
        .join(owner, owner.c.node_id == at.c.value)
        .outerjoin(apart, apart.c.entry == cast(ResourceEntry.id, Text))
        .where(
            ResourceEntry.org_code.in_(going.choice.organisations),
            ResourceEntry.status != "withdrawn",
            owner.c.org_code != func.coalesce(apart.c.to_org, going.choice.default),
        )
    )
    return session.scalar(query) or 0

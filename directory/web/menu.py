"""The head's menu: every page that somebody comes to on their own, once, under what they come for.

Only what the reader may open; the page they are on is marked, with the group that it is in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from directory.actions import Action
from directory.policy import allows

if TYPE_CHECKING:
    from directory.actors import Actor

_A = Action


@dataclass(frozen=True)
class Entry:
    """A page: its address, what it is called, and the actions of which any one opens it; none: everybody."""

    address: str
    name: str
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True)
class Group:
    """What pages have in common, in a word or two."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Place:
    """Where the reader is: the entry's address, and whether it is that very page or one below it."""

    address: str
    is_exact: bool


GROUPS: Final[Sequence[Group]] = (
    Group(
        "查找",
        (
            Entry("/resources", "检索目录", (_A.RESOURCE_READ,)),
            Entry("/libraries", "基础库", (_A.LIBRARY_READ,)),
            Entry("/bulletins", "目录通告", (_A.RESOURCE_READ,)),
            Entry("/lists", "供需三清单"),
        ),
    ),
    Group(
        "申请",
        (
            Entry("/approvals?tab=mine", "我发起的", (_A.REQUEST_CREATE,)),
            Entry("/cart", "申请车", (_A.REQUEST_CREATE,)),
            Entry("/requests", "全部申请", (_A.REQUEST_READ,)),
            Entry("/lists/demands", "需求清单"),
            Entry("/uses", "使用记录", (_A.USE_READ,)),
            Entry("/corrections", "校核申请", (_A.CORRECTION_READ,)),
            Entry("/objections", "异议", (_A.OBJECTION_READ,)),
            Entry("/backflow", "数据回流", (_A.REQUEST_CREATE,)),
            Entry("/collection-checks", "不重复采集核查", (_A.COLLECTION_CHECK,)),
        ),
    ),
    Group(
        "办理",
        (
            Entry("/approvals", "待办"),
            Entry("/approvals?tab=done", "已办"),
            Entry("/services", "服务变更", (_A.SERVICE_READ,)),
            Entry("/consents", "常设同意", (_A.CONSENT_READ,)),
            Entry("/grants/unused", "没有用起来的授权", (_A.GRANT_READ,)),
            Entry("/delegations", "授权代理"),
        ),
    ),
    Group(
        "目录",
        (
            Entry("/catalogue", "编目", (_A.RESOURCE_EDIT, _A.RESOURCE_RETURN)),
            Entry("/imports", "导入", (_A.IMPORT_READ,)),
            Entry("/proposals", "反向编目", (_A.PROPOSAL_DECIDE,)),
            Entry("/duties", "法规与职责变化"),
            Entry("/lists/responsibilities", "责任清单"),
            Entry("/lists/negatives", "负面清单"),
            Entry("/prefixes", "前段码与类目", (_A.PREFIX_READ,)),
        ),
    ),
    Group(
        "交换",
        (
            Entry("/exchange", "交换运行", (_A.EXCHANGE_READ,)),
            Entry("/exchange/nodes", "节点", (_A.EXCHANGE_READ,)),
            Entry("/exchange/orders", "工单", (_A.EXCHANGE_READ,)),
        ),
    ),
    Group(
        "监督",
        (
            Entry("/supervision", "督办", (_A.SUPERVISION_READ,)),
            Entry("/statistics", "统计", (_A.STATISTICS_READ,)),
            Entry("/rates", "挂接率", (_A.RATE_READ,)),
            Entry("/situations", "违规情形", (_A.SITUATION_READ,)),
            Entry("/entrustments", "委托登记", (_A.ENTRUSTMENT_READ,)),
            Entry("/complaints", "投诉举报"),
        ),
    ),
    Group(
        "管理",
        (
            Entry("/people", "人员", (_A.PEOPLE_READ,)),
            Entry("/organisations", "机构", (_A.ORGANISATION_READ,)),
            Entry("/reforms", "机构改革", (_A.ORGANISATION_READ,)),
            Entry("/deciders", "谁来审批", (_A.DECIDER_RULE_READ,)),
            Entry("/rules", "办理期限", (_A.LOCAL_RULE_READ,)),
            Entry("/reminders", "提醒规则", (_A.LOCAL_RULE_READ,)),
            Entry("/holidays", "工作日历", (_A.CALENDAR_READ,)),
            Entry("/tokens", "访问令牌"),
        ),
    ),
)
# Where pages belong whose own address does not say so, by the word that they call their section.
_SECTIONS: Final = {
    "approvals": "/approvals",
    "catalogue": "/catalogue",
    "directory": "/resources",
    "resources": "/resources",
}


@lru_cache(maxsize=256)
def menu(actor: "Actor") -> tuple[Group, ...]:
    """What this actor may open, as they are now; groups without a page are left out."""
    found = (Group(each.name, tuple(entry for entry in each.entries if opens(actor, entry))) for each in GROUPS)
    return tuple(group for group in found if group.entries)


def place(path: str, tab: str = "", section: str = "") -> Place:
    """The entry that a page is at or below; of several that begin alike the longest. An address of none: ``""``."""
    wanted = f"{path}?tab={tab}" if tab else path
    addresses = [entry.address for group in GROUPS for entry in group.entries]
    if wanted in addresses:
        return Place(wanted, is_exact=True)
    if path in addresses:
        return Place(path, is_exact=True)
    above = max((each for each in addresses if path.startswith(f"{each}/")), key=len, default="")
    if above in ("", "/resources", "/requests"):  # below are also the pages of who edits and who decides
        above = _SECTIONS.get(section, above)
    return Place(above, is_exact=False)


def opens(actor: "Actor", entry: Entry) -> bool:
    """Whether this actor may do one of what the entry is for."""
    allowed = (allows(actor, each, actor.org_code) for each in entry.actions)
    return not entry.actions or any(allowed)

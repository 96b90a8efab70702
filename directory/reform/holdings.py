"""What can be a department's, one line for each column that names one, and where each goes with an act. Declared.

A column that is not here and not in ``STAYS`` fails ``tests/directory/reform/test_holdings.py``: whoever adds a table
says what becomes of it. Columns are named as text, so that no feature is imported for being listed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, Table

from directory.db import Base


class Follows(StrEnum):
    """Whom a thing goes with: what was chosen for itself, its entry, its node, its person, the side that made its
    request, or the default successor.

    ``data`` is where the data of a request arrive: its consumer's node, else its creator. ``entries`` are the most of
    its entries. With ``parent`` the departments right below one that is closed stand below the default successor.
    """

    CHOICE = "choice"
    ENTRY = "entry"
    NODE = "node"
    PERSON = "person"
    REQUEST = "request"
    DATA = "data"
    ENTRIES = "entries"
    DEFAULT = "default"
    PARENT = "parent"


@dataclass(frozen=True)
class Holding:
    """``place`` is ``table.column``; ``through`` the column of that table naming the entry, node or person it follows;
    ``title`` one to show it by. What follows nothing that moves goes to the default successor.
    """

    kind: str
    words: str
    place: str
    follows: Follows
    through: str = ""
    title: str = ""

    @property
    def table(self) -> Table:
        return Base.metadata.tables[self.place.partition(".")[0]]

    @property
    def column(self) -> Column[str]:
        return self.table.c[self.place.partition(".")[2]]


HOLDINGS: Final = (
    Holding("entry", "目录", "resource.org_code", Follows.CHOICE, title="title"),
    Holding("node", "节点", "node.org_code", Follows.CHOICE, title="node_id"),
    Holding("person", "人员", "account.org_code", Follows.CHOICE, title="display_name"),
    Holding("received", "收到的申请", "request.provider_org", Follows.ENTRY, "resource_id", "resource_title"),
    Holding("asked", "提出的申请", "request.requester_org", Follows.DATA, title="resource_title"),
    Holding("consent", "常设同意", "standing_consent.org_code", Follows.ENTRY, "resource_id"),
    Holding("duty", "法规或职责变动", "duty_change.org_code", Follows.ENTRIES, title="title"),
    Holding("proposal", "反向编目建议", "proposal.org_code", Follows.NODE, "node_id", "table_name"),
    Holding("token", "节点注册码", "enrolment_token.org_code", Follows.DEFAULT, title="name"),
    Holding("import", "导入", "catalogue_import.org_code", Follows.PERSON, "uploaded_by", "file_name"),
    Holding("import_for", "导入的提供部门", "catalogue_import.provider_code", Follows.DEFAULT, title="file_name"),
    Holding("lead_item", "牵头的基础库数据项", "library_item.lead_org", Follows.DEFAULT, title="field"),
    Holding("stem", "下放的字头", "prefix_delegation.org_code", Follows.DEFAULT, title="stem"),
    Holding("demand", "数据需求", "demand.org_code", Follows.PERSON, "created_by", "title"),
    Holding("duty_listed", "责任清单事项", "responsibility.org_code", Follows.ENTRY, "resource_id", "name"),
    Holding("negative", "负面清单条目", "negative_entry.org_code", Follows.ENTRY, "resource_id", "title"),
    Holding("raised", "提出的办件", "matter.from_org", Follows.PERSON, "created_by", "resource_title"),
    Holding("answered", "办理的办件", "matter.to_org", Follows.ENTRY, "resource_id", "resource_title"),
    Holding("told", "更正告知", "correction_notice.org_code", Follows.REQUEST, "request_id"),
    Holding("rating", "评价", "rating.org_code", Follows.REQUEST, "request_id"),
    Holding("situation", "违规情形", "situation.org_code", Follows.DEFAULT, title="code"),
    Holding("entrusted", "委托登记", "entrustment.org_code", Follows.DEFAULT, title="contractor"),
    Holding("notice", "通知", "notice.org_code", Follows.DEFAULT, title="kind"),
    Holding("child", "下级部门", "organisation.parent_code", Follows.PARENT, title="name"),
)

STAYS: Final = {
    "collection_check.org_code": "whose form was looked at, then",
    "complaint.about_org": "whom it was made about; the matter itself moves",
    "correction_referral.from_org": "who passed it on, then; the matter itself moves",
    "correction_referral.to_org": "whom it was passed to, then",
    "decider_rule.provider_org": "a rule with its days; the successor's own hold from then on, and the preview says so",
    "import_mapping.org_code": "what was remembered of a department's files",
    "matter_file.org_code": "who brought it, and for whom, then",
    "organisation_former_name.org_code": "history",
    "prefix_allotment.org_code": "a prefix is never anybody else's; it is closed, its numbers stay",
    "reform_move.from_org": "history",
    "reform_move.to_org": "history",
    "reform_succession.from_org": "history",
    "reform_succession.to_org": "history",
    "request_comment.org_code": "who spoke, and for whom, then",
    "request_file.org_code": "who brought it, and for whom, then",
    "situation.found_org": "who found it, then",
    "use_record.org_code": "who recorded it, and for whom, then; the request moves",
}

KIND_WORDS: Final = {each.kind: each.words for each in HOLDINGS} | {
    "grant_provided": "运行中的授权（作为提供方）",
    "grant_used": "运行中的授权（作为需求方）",
    "prefix": "前段码",
}

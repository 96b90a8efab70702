"""Who may do what, as one table. Pure: it knows roles, actions and organisations, nothing else.

``OWN`` is the actor's own organisation, ``ANY`` every one. What is not in the table is denied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from directory.declared import Declared, declared, governed_by, open_to_nodes, open_to_public, open_to_signed_in
from directory.errors import DirectoryError

if TYPE_CHECKING:
    from directory.actors import Actor

__all__ = ["Declared", "declared", "governed_by", "open_to_nodes", "open_to_public", "open_to_signed_in"]


class Role(StrEnum):
    """What a person is in their organisation; the office roles exist only in the information office."""

    EDITOR = "editor"
    DEPARTMENT_HEAD = "department_head"
    SHARING_LEAD = "sharing_lead"
    REQUESTER = "requester"
    OFFICE_REVIEWER = "office_reviewer"
    OFFICE_APPROVER = "office_approver"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"


ROLE_NAMES: Mapping[Role, str] = {
    Role.EDITOR: "编目员",
    Role.DEPARTMENT_HEAD: "部门负责人",
    Role.SHARING_LEAD: "共享工作机构负责人",
    Role.REQUESTER: "经办人",
    Role.OFFICE_REVIEWER: "信息办审核",
    Role.OFFICE_APPROVER: "信息办负责人",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDITOR: "审计管理员",
    Role.OPERATOR: "运维",
}
OFFICE_ROLES = frozenset({Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER})
THREE_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})  # 三员: one person holds at most one
DELEGATED_ROLES = frozenset({Role.DEPARTMENT_HEAD, Role.SHARING_LEAD, Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER})
"""Roles that decide; only these can be held for somebody else for a time."""


class Action(StrEnum):
    """Everything somebody can be permitted to do, spelled subject:action, alphabetical."""

    AUDIT_READ = "audit:read"
    CALENDAR_EDIT = "calendar:edit"
    CALENDAR_READ = "calendar:read"
    CLASS_CODE_EDIT = "class_code:edit"
    COLLECTION_CHECK = "collection:check"
    COMPLAINT_HANDLE = "complaint:handle"
    COMPLAINT_RAISE = "complaint:raise"
    COMPLAINT_REPORT = "complaint:report"
    CONSENT_READ = "consent:read"
    CONSENT_SIGN = "consent:sign"
    CORRECTION_ACKNOWLEDGE = "correction:acknowledge"
    CORRECTION_ANSWER = "correction:answer"
    CORRECTION_RAISE = "correction:raise"
    CORRECTION_READ = "correction:read"
    DECIDER_RULE_EDIT = "decider_rule:edit"
    DECIDER_RULE_READ = "decider_rule:read"
    DEMAND_RAISE = "demand:raise"
    DUTY_CHANGE_REPORT = "duty_change:report"
    DUTY_EXTENSION_DECIDE = "duty_extension:decide"
    EXCHANGE_READ = "exchange:read"
    GRANT_CONFIRM_CHANGE = "grant:confirm_change"
    GRANT_READ = "grant:read"
    IMPORT_READ = "import:read"
    IMPORT_RUN = "import:run"
    ITEM_CHANGE_NOTE = "item_change:note"
    LIBRARY_EDIT = "library:edit"
    LIBRARY_READ = "library:read"
    LOCAL_RULE_EDIT = "local_rule:edit"
    LOCAL_RULE_READ = "local_rule:read"
    LOCKOUT_LIFT = "lockout:lift"
    MATTER_URGE = "matter:urge"
    NEGATIVE_DECIDE = "negative:decide"
    NEGATIVE_PROPOSE = "negative:propose"
    NODE_ENROL = "node:enrol"
    OBJECTION_ANSWER = "objection:answer"
    OBJECTION_DECIDE = "objection:decide"
    OBJECTION_ESCALATE = "objection:escalate"
    OBJECTION_RAISE = "objection:raise"
    OBJECTION_READ = "objection:read"
    OFFER_CAP = "offer:cap"
    OFFER_DECLARE = "offer:declare"
    ORDER_ISSUE = "order:issue"
    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_REFORM = "organisation:reform"
    PEOPLE_EDIT = "people:edit"
    PEOPLE_READ = "people:read"
    PREFIX_ALLOT = "prefix:allot"
    PREFIX_READ = "prefix:read"
    PROPOSAL_DECIDE = "proposal:decide"
    RATE_READ = "rate:read"
    RATING_ANSWER = "rating:answer"
    RATING_GIVE = "rating:give"
    RATING_MODERATE = "rating:moderate"
    REQUEST_ACCEPT = "request:accept"
    REQUEST_AGREE = "request:agree"
    REQUEST_ASK_SUPPLEMENT = "request:ask_supplement"
    REQUEST_BRIEF = "request:brief"
    REQUEST_COMMENT = "request:comment"
    REQUEST_CREATE = "request:create"
    REQUEST_ENDORSE = "request:endorse"
    REQUEST_OFFICE_AGREE = "request:office_agree"
    REQUEST_READ = "request:read"
    REQUEST_REFUSE = "request:refuse"
    REQUEST_SUBMIT = "request:submit"
    REQUEST_URGE = "request:urge"
    RESOURCE_ASSESS = "resource:assess"
    RESOURCE_EDIT = "resource:edit"
    RESOURCE_HEAD_APPROVE = "resource:head_approve"
    RESOURCE_PUBLISH = "resource:publish"
    RESOURCE_READ = "resource:read"
    RESOURCE_RECALL = "resource:recall"
    RESOURCE_REGISTER = "resource:register"
    RESOURCE_RESUME = "resource:resume"
    RESOURCE_RETURN = "resource:return"
    RESOURCE_REVIEW = "resource:review"
    RESOURCE_SUBMIT = "resource:submit"
    RESOURCE_SUSPEND = "resource:suspend"
    RESOURCE_WITHDRAW = "resource:withdraw"
    RESPONSIBILITY_ANSWER = "responsibility:answer"
    RESPONSIBILITY_ASSIGN = "responsibility:assign"
    RESPONSIBILITY_DECIDE = "responsibility:decide"
    RESPONSIBILITY_FULFIL = "responsibility:fulfil"
    ROLE_GRANT = "role:grant"
    SERVICE_ANNOUNCE = "service:announce"
    SERVICE_ANSWER = "service:answer"
    SERVICE_FILE = "service:file"
    SERVICE_READ = "service:read"
    SITUATION_ANSWER = "situation:answer"
    SITUATION_CLOSE = "situation:close"
    SITUATION_FILE = "situation:file"
    SITUATION_READ = "situation:read"
    STATISTICS_READ = "statistics:read"
    SUPERVISION_READ = "supervision:read"
    TEMPLATE_EDIT = "template:edit"
    USE_READ = "use:read"
    USE_RECORD = "use:record"


class Reach(StrEnum):
    """How far a permission goes."""

    OWN = "own"
    ANY = "any"


OWN, ANY = Reach.OWN, Reach.ANY
_EVERYBODY = dict.fromkeys(Role, ANY)
_PARTIES = {Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN, Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY}
_SEERS = {Role.EDITOR: OWN, Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN}  # who works with data sees what is wrong
_SUPERVISORS = {
    Role.SHARING_LEAD: OWN,
    Role.DEPARTMENT_HEAD: OWN,
    Role.OFFICE_REVIEWER: ANY,
    Role.OFFICE_APPROVER: ANY,
    Role.AUDITOR: ANY,
}

PERMISSIONS: Mapping[Action, Mapping[Role, Reach]] = {
    Action.AUDIT_READ: {Role.AUDITOR: ANY},
    Action.CALENDAR_EDIT: {Role.SYSTEM_ADMIN: ANY},
    Action.CALENDAR_READ: _EVERYBODY,
    Action.CLASS_CODE_EDIT: {Role.OFFICE_REVIEWER: ANY},
    Action.COLLECTION_CHECK: {Role.EDITOR: OWN, Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN, Role.OFFICE_REVIEWER: ANY},
    Action.COMPLAINT_HANDLE: {Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.COMPLAINT_RAISE: _EVERYBODY,
    Action.COMPLAINT_REPORT: {Role.SHARING_LEAD: OWN},
    Action.CONSENT_READ: _PARTIES | {Role.AUDITOR: ANY},
    Action.CONSENT_SIGN: {Role.SHARING_LEAD: OWN},
    Action.CORRECTION_ACKNOWLEDGE: {Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN},
    Action.CORRECTION_ANSWER: {Role.SHARING_LEAD: OWN},
    Action.CORRECTION_RAISE: _SEERS,
    Action.CORRECTION_READ: _PARTIES | {Role.EDITOR: OWN},
    Action.DECIDER_RULE_EDIT: {Role.OFFICE_APPROVER: ANY},
    Action.DECIDER_RULE_READ: _EVERYBODY,
    Action.DEMAND_RAISE: {Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN},
    Action.DUTY_CHANGE_REPORT: {Role.EDITOR: OWN, Role.OFFICE_REVIEWER: ANY},
    Action.DUTY_EXTENSION_DECIDE: {Role.OFFICE_APPROVER: ANY},
    Action.EXCHANGE_READ: dict.fromkeys(Role, OWN)
    | {Role.OPERATOR: ANY, Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY, Role.AUDITOR: ANY},
    Action.GRANT_CONFIRM_CHANGE: {Role.SHARING_LEAD: OWN, Role.OFFICE_APPROVER: ANY},
    Action.GRANT_READ: _PARTIES | {Role.AUDITOR: ANY, Role.OPERATOR: OWN},
    Action.IMPORT_READ: {Role.EDITOR: OWN, Role.DEPARTMENT_HEAD: OWN, Role.OFFICE_REVIEWER: ANY},
    Action.IMPORT_RUN: {Role.EDITOR: OWN, Role.OFFICE_REVIEWER: ANY},
    Action.ITEM_CHANGE_NOTE: {Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN},
    Action.LIBRARY_EDIT: {Role.OFFICE_REVIEWER: ANY},
    Action.LIBRARY_READ: _EVERYBODY,
    Action.LOCAL_RULE_EDIT: {Role.OFFICE_APPROVER: ANY},
    Action.LOCAL_RULE_READ: _EVERYBODY,
    Action.LOCKOUT_LIFT: {Role.SECURITY_ADMIN: ANY},
    Action.MATTER_URGE: {Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.NEGATIVE_DECIDE: {Role.OFFICE_APPROVER: ANY},
    Action.NEGATIVE_PROPOSE: {Role.EDITOR: OWN, Role.SHARING_LEAD: OWN, Role.OFFICE_REVIEWER: ANY},
    Action.NODE_ENROL: {Role.SYSTEM_ADMIN: ANY},
    Action.OBJECTION_ANSWER: {Role.SHARING_LEAD: OWN},
    Action.OBJECTION_DECIDE: {Role.OFFICE_APPROVER: ANY},
    Action.OBJECTION_ESCALATE: {Role.SHARING_LEAD: OWN},
    Action.OBJECTION_RAISE: _SEERS,
    Action.OBJECTION_READ: _PARTIES | {Role.EDITOR: OWN},
    Action.OFFER_CAP: {Role.OFFICE_APPROVER: ANY},
    Action.OFFER_DECLARE: {Role.EDITOR: OWN, Role.SHARING_LEAD: OWN},
    Action.ORDER_ISSUE: {Role.OFFICE_REVIEWER: ANY, Role.OPERATOR: OWN},
    Action.ORGANISATION_EDIT: {Role.OFFICE_REVIEWER: ANY, Role.SYSTEM_ADMIN: ANY},
    Action.ORGANISATION_READ: _EVERYBODY,
    Action.ORGANISATION_REFORM: {Role.OFFICE_APPROVER: ANY},
    Action.PEOPLE_EDIT: {Role.SYSTEM_ADMIN: ANY},
    Action.PEOPLE_READ: dict.fromkeys(THREE_ADMINS, ANY) | {Role.DEPARTMENT_HEAD: OWN, Role.SHARING_LEAD: OWN},
    Action.PREFIX_ALLOT: {Role.OFFICE_APPROVER: ANY, Role.SHARING_LEAD: OWN},
    Action.PREFIX_READ: _EVERYBODY,
    Action.PROPOSAL_DECIDE: {Role.EDITOR: OWN},
    Action.RATE_READ: _EVERYBODY,
    Action.RATING_ANSWER: {Role.SHARING_LEAD: OWN},
    Action.RATING_GIVE: {Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN},
    Action.RATING_MODERATE: {Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.REQUEST_ACCEPT: {Role.OFFICE_REVIEWER: ANY},
    Action.REQUEST_AGREE: {Role.SHARING_LEAD: OWN},
    Action.REQUEST_ASK_SUPPLEMENT: {Role.OFFICE_REVIEWER: ANY, Role.SHARING_LEAD: OWN},
    Action.REQUEST_BRIEF: {Role.SHARING_LEAD: OWN, Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.REQUEST_COMMENT: _PARTIES,
    Action.REQUEST_CREATE: {Role.REQUESTER: OWN},
    Action.REQUEST_ENDORSE: {Role.SHARING_LEAD: OWN},
    Action.REQUEST_OFFICE_AGREE: {Role.OFFICE_APPROVER: ANY},
    Action.REQUEST_READ: _PARTIES | {Role.AUDITOR: ANY},
    Action.REQUEST_REFUSE: {Role.SHARING_LEAD: OWN, Role.OFFICE_APPROVER: ANY},
    Action.REQUEST_SUBMIT: {Role.REQUESTER: OWN},
    Action.REQUEST_URGE: {Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.RESOURCE_ASSESS: {Role.EDITOR: OWN},
    Action.RESOURCE_EDIT: {Role.EDITOR: OWN},
    Action.RESOURCE_HEAD_APPROVE: {Role.DEPARTMENT_HEAD: OWN},
    Action.RESOURCE_PUBLISH: {Role.OFFICE_APPROVER: ANY},
    Action.RESOURCE_READ: _EVERYBODY,
    Action.RESOURCE_RECALL: {Role.EDITOR: OWN},
    Action.RESOURCE_REGISTER: {Role.EDITOR: OWN, Role.OFFICE_REVIEWER: ANY},
    Action.RESOURCE_RESUME: {Role.OFFICE_APPROVER: ANY},
    Action.RESOURCE_RETURN: {Role.DEPARTMENT_HEAD: OWN, Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.RESOURCE_REVIEW: {Role.OFFICE_REVIEWER: ANY},
    Action.RESOURCE_SUBMIT: {Role.EDITOR: OWN},
    Action.RESOURCE_SUSPEND: {Role.OFFICE_APPROVER: ANY},
    Action.RESOURCE_WITHDRAW: {Role.OFFICE_APPROVER: ANY},
    Action.RESPONSIBILITY_ANSWER: {Role.SHARING_LEAD: OWN},
    Action.RESPONSIBILITY_ASSIGN: {Role.OFFICE_REVIEWER: ANY},
    Action.RESPONSIBILITY_DECIDE: {Role.OFFICE_APPROVER: ANY},
    Action.RESPONSIBILITY_FULFIL: {Role.EDITOR: OWN, Role.SHARING_LEAD: OWN},
    Action.ROLE_GRANT: {Role.SECURITY_ADMIN: ANY},
    Action.SERVICE_ANNOUNCE: {Role.SHARING_LEAD: OWN},
    Action.SERVICE_ANSWER: {Role.SHARING_LEAD: OWN},
    Action.SERVICE_FILE: {Role.OFFICE_APPROVER: ANY},
    Action.SERVICE_READ: _PARTIES | {Role.AUDITOR: ANY},
    Action.SITUATION_ANSWER: {Role.SHARING_LEAD: OWN},
    Action.SITUATION_CLOSE: {Role.OFFICE_APPROVER: ANY},
    Action.SITUATION_FILE: {Role.SHARING_LEAD: OWN, Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY},
    Action.SITUATION_READ: _SUPERVISORS,
    Action.STATISTICS_READ: dict.fromkeys(Role, OWN)
    | {Role.OFFICE_REVIEWER: ANY, Role.OFFICE_APPROVER: ANY, Role.AUDITOR: ANY},
    Action.SUPERVISION_READ: _SUPERVISORS,
    Action.TEMPLATE_EDIT: {Role.OFFICE_REVIEWER: ANY},
    Action.USE_READ: _PARTIES | {Role.AUDITOR: ANY},
    Action.USE_RECORD: {Role.REQUESTER: OWN, Role.SHARING_LEAD: OWN},
}


DELEGATED_ACTIONS = frozenset(
    {
        Action.COMPLAINT_HANDLE,
        Action.COMPLAINT_REPORT,
        Action.CONSENT_READ,
        Action.CORRECTION_ACKNOWLEDGE,
        Action.CORRECTION_ANSWER,
        Action.CORRECTION_READ,
        Action.DUTY_EXTENSION_DECIDE,
        Action.EXCHANGE_READ,
        Action.GRANT_CONFIRM_CHANGE,
        Action.GRANT_READ,
        Action.MATTER_URGE,
        Action.NEGATIVE_DECIDE,
        Action.OBJECTION_ANSWER,
        Action.OBJECTION_DECIDE,
        Action.OBJECTION_ESCALATE,
        Action.OBJECTION_READ,
        Action.REQUEST_ACCEPT,
        Action.REQUEST_AGREE,
        Action.REQUEST_ASK_SUPPLEMENT,
        Action.REQUEST_BRIEF,
        Action.REQUEST_COMMENT,
        Action.REQUEST_ENDORSE,
        Action.REQUEST_OFFICE_AGREE,
        Action.REQUEST_READ,
        Action.REQUEST_REFUSE,
        Action.REQUEST_URGE,
        Action.RESOURCE_HEAD_APPROVE,
        Action.RESOURCE_PUBLISH,
        Action.RESOURCE_RESUME,
        Action.RESOURCE_RETURN,
        Action.RESOURCE_REVIEW,
        Action.RESOURCE_SUSPEND,
        Action.RESOURCE_WITHDRAW,
        Action.RESPONSIBILITY_ANSWER,
        Action.RESPONSIBILITY_DECIDE,
        Action.RESPONSIBILITY_FULFIL,
        Action.SUPERVISION_READ,
    }
)
"""What a role held for somebody else permits: deciding cases one by one, each step naming both people, and what one
must read for it. Nothing that outlasts the delegation (a standing consent, a rule, a library) or that begins something.
"""


@dataclass(frozen=True)
class Allowed:
    """Permitted."""


@dataclass(frozen=True)
class Denied:
    """Not permitted, and why, in the users' language."""

    reason_zh: str
    code: str = "FORBIDDEN"


@dataclass(frozen=True)
class Visible:
    """Which catalogue entries somebody sees: every published one, and unpublished ones of ``org_code`` or of all.

    ``is_only_open``: of the published ones only those that are open to society.
    """

    org_code: str
    is_everything: bool
    is_only_open: bool = False


def may(actor: "Actor", action: Action, org_code: str | None) -> Allowed | Denied:
    """Whether this actor may do this for this organisation; ``None`` asks whether for any organisation at all."""
    if actor.scope is not None and action not in actor.scope:
        return Denied("访问令牌的范围不包括这一项", "TOKEN_SCOPE")
    held = _roles_for(actor, action)
    reaches = {role: reach for role, reach in PERMISSIONS[action].items() if role in held}
    if not reaches:
        needed = "、".join(ROLE_NAMES[role] for role in Role if role in PERMISSIONS[action])
        return Denied(f"需要角色：{needed}")
    if org_code is None or ANY in reaches.values() or org_code == actor.org_code:
        return Allowed()
    return Denied("只能办理本部门的事项")


def _roles_for(actor: "Actor", action: Action) -> frozenset[Role]:
    """The roles that count for this: one's own, and for what can be delegated those held for others too."""
    if action not in DELEGATED_ACTIONS:
        return actor.roles
    if actor.behalf is not None:
        return frozenset({actor.behalf.role})
    return actor.roles | {each.role for each in actor.delegated}


def require(actor: "Actor", action: Action, org_code: str | None) -> "Actor":
    """The actor in the capacity in which they may: as themselves, or else for somebody whose role they hold.

    Raises ``DirectoryError FORBIDDEN`` or ``TOKEN_SCOPE`` unless ``may``.
    """
    verdict = may(actor, action, org_code)
    if isinstance(verdict, Denied):
        raise DirectoryError(verdict.code, reason=verdict.reason_zh, action=action.value)
    return next(each for each in capacities(actor) if isinstance(may(each, action, org_code), Allowed))


def capacities(actor: "Actor") -> tuple["Actor", ...]:
    """The actor as themselves, then for each colleague whose role they hold; one who acts for somebody is just that."""
    if actor.behalf is not None:
        return (actor,)
    return (replace(actor, delegated=()), *(replace(actor, behalf=each) for each in actor.delegated))


def visible_resources(actor: "Actor | None") -> Visible:
    """The one answer to who sees which entries; queries turn it into a condition, the index into a term.

    Whoever is not signed in is the public: inside the government network the metadata of every published entry are
    visible, outside only those of open data.
    """
    if actor is None or (actor.scope is not None and Action.RESOURCE_READ not in actor.scope):
        return Visible(org_code="", is_everything=False, is_only_open=True)
    return Visible(org_code=actor.org_code, is_everything=bool(actor.held_roles & OFFICE_ROLES))

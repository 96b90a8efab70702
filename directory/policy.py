"""Whether an actor may do something, and which entries they see. Pure: it knows roles, actions and organisations."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from directory.actions import Action
from directory.errors import DirectoryError
from directory.permissions import ANY, DELEGATED_ACTIONS, PERMISSIONS
from directory.roles import OFFICE_ROLES, ROLE_NAMES, Role

if TYPE_CHECKING:
    from directory.actors import Actor

NOWHERE: Final = ""
"""A code that no department has: only who may do something for all departments may do it there."""


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
        return Denied(f"访问令牌的范围不包括这一项（{action}）", "TOKEN_SCOPE")
    held = _roles_for(actor, action)
    reaches = {role: reach for role, reach in PERMISSIONS[action].items() if role in held}
    if not reaches:
        needed = "、".join(ROLE_NAMES[role] for role in Role if role in PERMISSIONS[action])
        return Denied(f"需要角色：{needed}")
    if org_code is None or ANY in reaches.values() or org_code == actor.org_code:
        return Allowed()
    return Denied("只能办理本部门的事项")


def allows(actor: "Actor", action: Action, org_code: str | None) -> bool:
    """Whether ``may`` allows it, for whoever need not say why not."""
    return isinstance(may(actor, action, org_code), Allowed)


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
    return next(each for each in capacities(actor) if allows(each, action, org_code))


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

"""Which account may stand for which party of a request. Pure."""

from collections.abc import Mapping

from directory.access.states import Act, Party, State
from directory.actions import Action
from directory.actors import Actor
from directory.policy import allows

PARTY_ACTIONS: Mapping[Party, Action] = {
    Party.CREATOR: Action.REQUEST_SUBMIT,
    Party.REQUESTER_LEAD: Action.REQUEST_ENDORSE,
    Party.OFFICE_REVIEWER: Action.REQUEST_ACCEPT,
    Party.PROVIDER_LEAD: Action.REQUEST_AGREE,
    Party.OFFICE_APPROVER: Action.REQUEST_OFFICE_AGREE,
    Party.SUPERVISOR: Action.REQUEST_URGE,
}
"""What somebody must be permitted to fill a party; nodes are no accounts and speak for themselves."""

ACT_ACTIONS: Mapping[Act, Action] = {
    Act.AMENDED: Action.REQUEST_CREATE,
    Act.SUPPLEMENT_ASKED: Action.REQUEST_ASK_SUPPLEMENT,
    Act.REFUSED: Action.REQUEST_REFUSE,
    Act.SUSPENDED: Action.GRANT_CONFIRM_CHANGE,
    Act.ACTIVE: Action.GRANT_CONFIRM_CHANGE,
    Act.TERMINATED: Action.GRANT_CONFIRM_CHANGE,
}
"""What some acts ask for besides."""

STEP_ACTIONS: tuple[Action, ...] = tuple(
    sorted({*PARTY_ACTIONS.values(), *ACT_ACTIONS.values()} - {Action.REQUEST_CREATE})
)
"""What a route that takes any step may ask for; a request's text is amended by routes of their own."""


_READ_ENTRY = frozenset({Act.AMENDED, Act.SUBMITTED, Act.AGREED, Act.REFUSED})
"""Decided by the entry that is asked for: what it offers, and for what reasons it may be refused."""
_ON_GRANTS = frozenset({Act.SUSPENDED, Act.ACTIVE, Act.TERMINATED})


def reads(act: Act, to: State) -> frozenset[Action]:
    """What somebody must be permitted to see who does this: the request, and what the step is decided by.

    ``to``: where it leads. What goes back to a lower territory is received on its department's approval already.
    """
    is_receipt = act is Act.REQ_APPROVED and to is State.SUBMITTED
    found = {Action.REQUEST_READ}
    if act in _READ_ENTRY or is_receipt:
        found.add(Action.RESOURCE_READ)
    if act in _ON_GRANTS:
        found.add(Action.GRANT_READ)
    return frozenset(found)


def needed(party: Party, act: Act, to: State) -> frozenset[Action]:
    """What somebody must be permitted who does this as this party; empty for one that is no account."""
    action = PARTY_ACTIONS.get(party)
    return frozenset() if action is None else frozenset({action, ACT_ACTIONS.get(act, action)}) | reads(act, to)


def fills(actor: Actor, party: Party, act: Act, to: State, *, requester_org: str, provider_org: str) -> bool:
    """Whether this account may do this as this party, leaving aside who created the request."""
    actions = needed(party, act, to)
    org_code = provider_org if party is Party.PROVIDER_LEAD else requester_org
    return bool(actions) and all(allows(actor, each, org_code) for each in actions)

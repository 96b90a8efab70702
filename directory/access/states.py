"""Where a request can be, whose turn it is, what is done to it, and who does it. Pure.

The states are those of ``standards/04`` §3 in lower case; how one leads to another is in ``moves.py``.
"""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    REQ_APPROVED = "req_approved"
    SUBMITTED = "submitted"
    SUPPLEMENT_ASKED = "supplement_asked"
    AGREED = "agreed"
    REFUSED = "refused"
    DISPUTED = "disputed"
    SETTLED = "settled"
    PROVISIONED = "provisioned"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    PURPOSE_DONE = "purpose_done"
    DISPOSED = "disposed"
    DISCARDED = "discarded"
    REPLACED = "replaced"


class Stage(StrEnum):
    """Whose turn it is inside ``submitted``, before whom a dispute is, what an ended use still owes; else empty."""

    NONE = ""
    ACCEPTANCE = "acceptance"
    PROVIDER = "provider"
    OFFICE = "office"
    NEGOTIATION = "negotiation"
    NEGOTIATION_ANSWERED = "negotiation_answered"
    AUTHORITY = "authority"
    AUTHORITY_ANSWERED = "authority_answered"
    GOVERNMENT = "government"
    DISPOSAL = "disposal"
    DISPOSAL_ASKED = "disposal_asked"


class Act(StrEnum):
    """What somebody does to a request. ``CREATED`` and ``AMENDED`` make its text; they are the creator's own."""

    CREATED = "created"
    AMENDED = "amended"
    REQ_APPROVED = "req_approved"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    SUPPLEMENT_ASKED = "supplement_asked"
    AGREED = "agreed"
    REFUSED = "refused"
    PROVISIONED = "provisioned"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    URGED = "urged"
    DISPUTED = "disputed"
    DISPUTE_ANSWERED = "dispute_answered"
    ESCALATED = "escalated"
    RECONSIDERED = "reconsidered"
    SETTLED = "settled"
    RECTIFIED = "rectified"
    EXPIRED = "expired"
    PURPOSE_DONE = "purpose_done"
    DISPOSAL_ASKED = "disposal_asked"
    DISPOSED = "disposed"
    DISCARDED = "discarded"
    REPLACED = "replaced"
    HANDED_OVER = "handed_over"


class Party(StrEnum):
    """Who may act; which account fills a party is decided by policy."""

    CREATOR = "creator"
    REQUESTER_LEAD = "requester_lead"
    OFFICE_REVIEWER = "office_reviewer"
    PROVIDER_LEAD = "provider_lead"
    OFFICE_APPROVER = "office_approver"
    SUPERVISOR = "supervisor"
    PROVIDER_NODE = "provider_node"
    CONSUMER_NODE = "consumer_node"
    CALENDAR = "calendar"


ENDS = frozenset({State.TERMINATED, State.EXPIRED, State.PURPOSE_DONE, State.REPLACED})
"""Where a use is over."""

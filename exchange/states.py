"""The states of a batch at either end, the moves between them, and what an error does. Data and pure functions.

A provider's batch is ``due``, then ``sealed`` (sequence, file and digest are bound for good), ``stored`` (the relay
has it and has signed for it), ``closed`` (the consumer has signed that it is applied). A consumer's batch begins
``stored`` (it is announced at the relay), then ``fetched``, ``verified``, ``staged``, ``checked``, ``applied`` (in
the target), ``closed`` (its receipts are delivered). Moves back only redo work: a vanished file is fetched again, a
vanished staging table loaded again. ``held`` waits for a person here, who redrives it to where it was;
``quarantined`` is over, and its provider seals anew under a new sequence. A transient error changes no state: the
batch waits and says for what. A consumer's batch that a person has undone (``consumer/undo.py``) is held, even when it
was closed, until a person lets the route go on.
"""

from collections.abc import Mapping
from typing import Literal

from exchange.errors import ExchangeError

Role = Literal["provider", "consumer"]
State = Literal[
    "due",
    "sealed",
    "stored",
    "fetched",
    "verified",
    "staged",
    "checked",
    "applied",
    "closed",
    "held",
    "quarantined",
]
Verdict = Literal["wait", "hold", "quarantine"]

FINAL: frozenset[State] = frozenset({"closed", "held", "quarantined"})

MOVES: Mapping[Role, Mapping[State, frozenset[State]]] = {
    "provider": {
        "due": frozenset({"sealed", "held"}),
        "sealed": frozenset({"stored", "held", "quarantined"}),
        "stored": frozenset({"closed", "held", "quarantined"}),
        "held": frozenset({"due", "sealed", "stored"}),
    },
    "consumer": {
        "stored": frozenset({"fetched", "held", "quarantined"}),
        "fetched": frozenset({"verified", "stored", "held", "quarantined"}),
        "verified": frozenset({"staged", "stored", "held", "quarantined"}),
        "staged": frozenset({"checked", "verified", "held", "quarantined"}),
        "checked": frozenset({"applied", "verified", "held", "quarantined"}),
        "applied": frozenset({"closed", "held"}),
        "closed": frozenset({"held"}),
        "held": frozenset({"stored", "fetched", "verified", "staged", "checked", "applied", "closed"}),
    },
}

# At the consumer these condemn the batch itself: nothing done here can make it good.
CONDEMNING = frozenset(
    {
        # the sealed object (exchange/docs/sealed-batch.md)
        "NOT_A_BATCH",
        "HEADER_BAD",
        "HEADER_MISMATCH",
        "SUITE_UNKNOWN",
        "SUITE_TOO_LOW",
        "SIGNER_OTHER",
        "SIG_BAD",
        "TRUNCATED",
        "TRAILING_BYTES",
        "CHUNK_BAD",
        "AEAD_TAG",
        "NO_FINAL_CHUNK",
        "CHUNK_AFTER_FINAL",
        "NOT_A_RECIPIENT",
        "CONTENT_KEY_BAD",
        "TRAILER_BAD",
        "PLAIN_SIZE",
        "ROWS_DIGEST",
        "DIGEST",
        "ROW_COUNT",
        "COPY_REFUSED",
        "FILES_INDEX_BAD",
        "FILES_CONTENT_BAD",
        # its place and its bytes
        "MANIFEST_BAD",
        "REPLAYED",
        "SWAPPED",
        "OUT_OF_ORDER",
        "OBJECT_DIGEST",
        "OBJECT_TRUNCATED",
        "OBJECT_SIZE",
        # the right to send it
        "GRANT_UNKNOWN",
        "GRANT_NOT_COUNTERSIGNED",
        "GRANT_TERMINATED",
        "GRANT_EXPIRED",
        "GRANT_OTHER_ROUTE",
        "SIGNER_REVOKED",
        "RECIPIENT_REVOKED",
        # its rows
        "QUALITY_FAILED_TARGET",
        "TARGET_CONSTRAINT",
        "INSTANT_REFUSED",
        # what it builds on
        "INCREMENT_BASE",
        "INCREMENT_GAP",
        # restored from an old backup: only a batch that replaces this one may leave a gap
        "TARGET_BEHIND",
    }
)

# Refused with one of these, a batch is replaced by its provider at once, in full; nobody needs to decide anything.
REPLACED_AT_ONCE = frozenset({"INCREMENT_BASE", "INCREMENT_GAP", "TARGET_BEHIND"})

GRANT_OVER = frozenset({"GRANT_TERMINATED", "GRANT_EXPIRED"})
"""Refused with one of these, a batch is replaced at once where another grant of its route is in force instead."""


OVER_A_KEY = frozenset(
    {"MANIFEST_BAD", "RECEIPT_BAD", "RECIPIENT_REVOKED", "SIGNER_OTHER", "SIGNER_REVOKED", "SIG_BAD"}
)
"""What also a key that this node has not heard of yet looks like."""


def check_move(role: Role, before: State, after: State) -> None:
    """Raises ``MOVE_ILLEGAL`` for a move that the table does not have."""
    if after not in MOVES[role].get(before, frozenset()):
        raise ExchangeError("MOVE_ILLEGAL", state=before, to=after)


def verdict(role: Role, before: State, code: str, *, is_transient: bool) -> Verdict:
    """What an error means for a batch. A provider's own trouble holds: nothing has left, and a person can mend it."""
    if is_transient:
        return "wait"
    if role == "consumer" and code in CONDEMNING and "quarantined" in MOVES[role][before]:
        return "quarantine"
    return "hold"

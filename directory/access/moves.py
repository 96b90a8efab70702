"""The legal moves of a request, as data. Pure.

Acceptance (受理), the provider's decision and, where the entry asks for it, the office's all happen inside
``submitted``, because the law knows one reply and one due date; ``stage`` says whose turn it is. Rules of the table:

1. the requester's 共享工作机构负责人 approves before submission (Art. 20), and again when it was amended since;
2. only a complete request is accepted; an incomplete one is sent back once, never refused for that (Art. 21);
3. the provider's 共享工作机构负责人 decides, then the office where the published conditions say so (Art. 20, 21);
4. an agreed grant binds when the provider's own node has countersigned it, and is active once rows have arrived;
5. the provider may ask once for more time to reply, and the office consents or not (Art. 21);
6. while the provider's term runs, the office may urge (督办);
7. the provider or the office suspends with a term for putting right, resumes and terminates (Art. 27); the
   requester's side reports what it put right, and may end its use early or because the purpose is reached;
8. use ends by itself after the last day of its term; what has arrived is then disposed of as the provider asks
   (Art. 27), which the requester's 共享工作机构负责人 certifies;
9. about a refusal the departments negotiate, then the authority decides, then the people's government (Art. 28),
   on each level somebody else;
10. what is not with others can be discarded by its own department; it stays, and comes to nothing;
11. a term of use that ran out while the request waited for its reply is supplemented with a new one, by a notice;
12. a use is changed by a request that takes its place: when that one's grants bind, it is replaced in the same step;
13. what waits for its clerk can be handed to another by their 共享工作机构负责人, who then is in the clerk's place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from directory.access.states import ENDS, Act, Party, Stage, State


@dataclass(frozen=True)
class Facts:
    """What a move may depend on besides state and stage; ``extension`` is empty, ``asked`` or ``decided``.

    ``is_renewed``: a later request of the same department goes on where this one ends, so nothing is disposed of.
    ``has_taken_over``: this one goes on where such a request ended, and holds what had arrived there.
    ``office_first``: of the two who decide, the office does before the provider. ``is_term_over``: the term of use
    asked for is past, so that nothing can be agreed to. ``is_backflow``: what goes back to a lower territory is asked
    of the provider by the requester's 共享工作机构负责人 at once (Art. 24).
    """

    needs_office: bool = False
    has_arrived: bool = False
    is_renewed: bool = False
    has_taken_over: bool = False
    extension: str = ""
    office_first: bool = False
    is_term_over: bool = False
    is_backflow: bool = False


@dataclass(frozen=True)
class Move:
    """Where an act leads, and the parties any one of which may do it."""

    state: State
    stage: Stage
    by: frozenset[Party]


@dataclass(frozen=True)
class NoMove:
    """The act is not legal here; these are."""

    legal: tuple[Act, ...]


def _move(state: State, by: Party | frozenset[Party], stage: Stage = Stage.NONE) -> Move:
    return Move(state, stage, frozenset({by}) if isinstance(by, Party) else by)


_S, _A, _P = State, Act, Party
_SUPERVISORS = frozenset({_P.PROVIDER_LEAD, _P.OFFICE_APPROVER})
_ENDERS = _SUPERVISORS | {_P.REQUESTER_LEAD}
_TERMINATE = _move(_S.TERMINATED, _ENDERS)
_SUSPEND = _move(_S.SUSPENDED, _SUPERVISORS)
_EXPIRE = _move(_S.EXPIRED, _P.CALENDAR)
_PURPOSE_DONE = _move(_S.PURPOSE_DONE, _P.REQUESTER_LEAD)
_REPLACE = _move(_S.REPLACED, _P.PROVIDER_NODE)
_DISCARD = _move(_S.DISCARDED, frozenset({_P.CREATOR, _P.REQUESTER_LEAD}))
_ASK_NEW_TERM = _move(_S.SUPPLEMENT_ASKED, frozenset({_P.OFFICE_REVIEWER, _P.PROVIDER_LEAD}))


def _hand_over(state: State) -> Mapping[Act, Move]:
    """What its clerk cannot go on with, another takes on; the request stays where it is."""
    return {_A.HANDED_OVER: _move(state, _P.REQUESTER_LEAD)}


def _urge(state: State, stage: Stage = Stage.NONE) -> Mapping[Act, Move]:
    """督办: the office reminds, on record, whoever is to act; the request stays where it is."""
    return {_A.URGED: _move(state, _P.SUPERVISOR, stage)}


def _extension(stage: Stage) -> Mapping[Act, Move]:
    """Art. 21: with the office's consent the reply may take longer; the request stays where it is."""
    return {
        _A.EXTENSION_ASKED: _move(_S.SUBMITTED, _P.PROVIDER_LEAD, stage),
        _A.EXTENDED: _move(_S.SUBMITTED, _P.OFFICE_APPROVER, stage),
        _A.EXTENSION_REFUSED: _move(_S.SUBMITTED, _P.OFFICE_APPROVER, stage),
    }


def _disputed(
    answerer: Party, answer: tuple[State, Stage] | None = None, *, on: Stage | None = None
) -> Mapping[Act, Move]:
    """One level of Art. 28: whoever it is before answers that the refusal stands (which leads to ``answer``, while
    there is none), or the provider is to decide anew; the requester's side goes ``on`` a level, or lets it rest.
    """
    found = {} if answer is None else {_A.DISPUTE_ANSWERED: _move(answer[0], answerer, answer[1])}
    if on is not None:
        found[_A.ESCALATED] = _move(_S.DISPUTED, _P.REQUESTER_LEAD, on)
    return found | {
        _A.RECONSIDERED: _move(_S.SUBMITTED, frozenset({answerer, _P.PROVIDER_LEAD}), Stage.PROVIDER),
        _A.SETTLED: _move(_S.SETTLED, _P.REQUESTER_LEAD),
    }


def _disposal(state: State) -> Mapping[tuple[State, Stage], Mapping[Act, Move]]:
    """What an ended use owes: the provider may ask in what way and by when, the requester certifies."""
    certify = {_A.DISPOSED: _move(_S.DISPOSED, _P.REQUESTER_LEAD)}
    ask = {_A.DISPOSAL_ASKED: _move(state, _P.PROVIDER_LEAD, Stage.DISPOSAL_ASKED)}
    return {(state, Stage.NONE): {}, (state, Stage.DISPOSAL): ask | certify, (state, Stage.DISPOSAL_ASKED): certify}


_WHEN_EXTENSION: Mapping[Act, str] = {_A.EXTENSION_ASKED: "", _A.EXTENDED: "asked", _A.EXTENSION_REFUSED: "asked"}

MOVES: Mapping[tuple[State, Stage], Mapping[Act, Move]] = {
    (_S.DRAFT, Stage.NONE): {
        _A.AMENDED: _move(_S.DRAFT, _P.CREATOR),
        _A.REQ_APPROVED: _move(_S.REQ_APPROVED, _P.REQUESTER_LEAD),
        _A.DISCARDED: _DISCARD,
        **_hand_over(_S.DRAFT),
    },
    (_S.REQ_APPROVED, Stage.NONE): {
        _A.AMENDED: _move(_S.DRAFT, _P.CREATOR),
        _A.SUBMITTED: _move(_S.SUBMITTED, _P.CREATOR, Stage.ACCEPTANCE),
        _A.DISCARDED: _DISCARD,
        **_hand_over(_S.REQ_APPROVED),
    },
    (_S.SUBMITTED, Stage.ACCEPTANCE): {
        _A.ACCEPTED: _move(_S.SUBMITTED, _P.OFFICE_REVIEWER, Stage.PROVIDER),
        _A.SUPPLEMENT_ASKED: _move(_S.SUPPLEMENT_ASKED, _P.OFFICE_REVIEWER),
    },
    (_S.SUPPLEMENT_ASKED, Stage.NONE): {
        _A.AMENDED: _move(_S.DRAFT, _P.CREATOR),
        _A.SUBMITTED: _move(_S.SUBMITTED, _P.CREATOR, Stage.ACCEPTANCE),
        _A.DISCARDED: _DISCARD,
        **_hand_over(_S.SUPPLEMENT_ASKED),
    },
    (_S.SUBMITTED, Stage.PROVIDER): {
        _A.AGREED: _move(_S.AGREED, _P.PROVIDER_LEAD),
        _A.REFUSED: _move(_S.REFUSED, _P.PROVIDER_LEAD),
        _A.SUPPLEMENT_ASKED: _ASK_NEW_TERM,
        **_extension(Stage.PROVIDER),
        **_urge(_S.SUBMITTED, Stage.PROVIDER),
    },
    (_S.SUBMITTED, Stage.OFFICE): {
        _A.AGREED: _move(_S.AGREED, _P.OFFICE_APPROVER),
        _A.REFUSED: _move(_S.REFUSED, _P.OFFICE_APPROVER),
        _A.SUPPLEMENT_ASKED: _ASK_NEW_TERM,
        **_extension(Stage.OFFICE),
    },
    (_S.AGREED, Stage.NONE): {
        _A.PROVISIONED: _move(_S.PROVISIONED, _P.PROVIDER_NODE),
        _A.TERMINATED: _TERMINATE,
        _A.EXPIRED: _EXPIRE,
        **_urge(_S.AGREED),
    },
    (_S.PROVISIONED, Stage.NONE): {
        _A.ACTIVE: _move(_S.ACTIVE, _P.CONSUMER_NODE),
        _A.SUSPENDED: _SUSPEND,
        _A.TERMINATED: _TERMINATE,
        _A.PURPOSE_DONE: _PURPOSE_DONE,
        _A.EXPIRED: _EXPIRE,
        _A.REPLACED: _REPLACE,
        **_urge(_S.PROVISIONED),
    },
    (_S.ACTIVE, Stage.NONE): {
        _A.SUSPENDED: _SUSPEND,
        _A.TERMINATED: _TERMINATE,
        _A.PURPOSE_DONE: _PURPOSE_DONE,
        _A.EXPIRED: _EXPIRE,
        _A.REPLACED: _REPLACE,
    },
    (_S.SUSPENDED, Stage.NONE): {
        _A.ACTIVE: _move(_S.ACTIVE, _SUPERVISORS),
        _A.RECTIFIED: _move(_S.SUSPENDED, _P.REQUESTER_LEAD),
        _A.TERMINATED: _TERMINATE,
        _A.PURPOSE_DONE: _PURPOSE_DONE,
        _A.EXPIRED: _EXPIRE,
    },
    (_S.REFUSED, Stage.NONE): {_A.DISPUTED: _move(_S.DISPUTED, _P.REQUESTER_LEAD, Stage.NEGOTIATION)},
    (_S.DISPUTED, Stage.NEGOTIATION): _disputed(
        _P.PROVIDER_LEAD, (_S.DISPUTED, Stage.NEGOTIATION_ANSWERED), on=Stage.AUTHORITY
    ),
    (_S.DISPUTED, Stage.NEGOTIATION_ANSWERED): _disputed(_P.PROVIDER_LEAD, on=Stage.AUTHORITY),
    (_S.DISPUTED, Stage.AUTHORITY): _disputed(_P.OFFICE_APPROVER, (_S.DISPUTED, Stage.AUTHORITY_ANSWERED)),
    (_S.DISPUTED, Stage.AUTHORITY_ANSWERED): _disputed(_P.OFFICE_APPROVER, on=Stage.GOVERNMENT),
    (_S.DISPUTED, Stage.GOVERNMENT): _disputed(_P.OFFICE_APPROVER, (_S.SETTLED, Stage.NONE)),
    (_S.SETTLED, Stage.NONE): {},
    **_disposal(_S.TERMINATED),
    **_disposal(_S.EXPIRED),
    **_disposal(_S.PURPOSE_DONE),
    **_disposal(_S.REPLACED),
    (_S.DISPOSED, Stage.NONE): {},
    (_S.DISCARDED, Stage.NONE): {},
}

TAKES: Mapping[str, frozenset[Act]] = {
    "reason": frozenset({_A.REFUSED, _A.DISPOSAL_ASKED}),
    "days": frozenset({_A.EXTENSION_ASKED}),
    "missing": frozenset({_A.SUPPLEMENT_ASKED}),
    "refused_items": frozenset({_A.AGREED}),
    "until": frozenset({_A.SUSPENDED, _A.DISPOSAL_ASKED}),
    "certificate": frozenset({_A.DISPOSED}),
    "handed_to": frozenset({_A.HANDED_OVER}),
}
"""What may be said with a step (``said.py``), and the acts that have a place for it; a comment has one in each."""


def legal_moves(state: State, stage: Stage, facts: Facts) -> Mapping[Act, Move]:
    """The moves of the table that these facts leave open."""
    found = MOVES.get((state, stage), {})
    is_late = stage in (Stage.PROVIDER, Stage.OFFICE) and not facts.is_term_over
    return {
        act: _at_once(moved) if act is Act.REQ_APPROVED and facts.is_backflow else moved
        for act, moved in found.items()
        if _WHEN_EXTENSION.get(act, facts.extension) == facts.extension
        and not (act is Act.SUPPLEMENT_ASKED and is_late)
    }


def _at_once(approved: Move) -> Move:
    """What goes back to a lower territory is received by its provider on its own department's approval."""
    return Move(State.SUBMITTED, Stage.PROVIDER, approved.by)


def move(state: State, stage: Stage, act: Act, facts: Facts) -> Move | NoMove:
    """Where this act leads from here, or the acts that are legal instead."""
    legal = legal_moves(state, stage, facts)
    found = legal.get(act)
    if found is None:
        return NoMove(tuple(legal))
    turn = _next_turn(stage, act, facts)
    if turn is not None:
        return Move(State.SUBMITTED, turn, found.by)
    if act is Act.ACTIVE and state is State.SUSPENDED and not facts.has_arrived:
        return Move(State.PROVISIONED, Stage.NONE, found.by)  # resumed before anything had arrived
    holds = (facts.has_arrived or facts.has_taken_over) and not facts.is_renewed
    if found.state in ENDS and found.stage is Stage.NONE and holds:
        return Move(found.state, Stage.DISPOSAL, found.by)
    return found


def _next_turn(stage: Stage, act: Act, facts: Facts) -> Stage | None:
    """Whose turn it is next where the office decides too: after the provider, or before it."""
    if not facts.needs_office:
        return None
    first, second = (Stage.OFFICE, Stage.PROVIDER) if facts.office_first else (Stage.PROVIDER, Stage.OFFICE)
    if act in (Act.ACCEPTED, Act.RECONSIDERED):
        return first
    return second if act is Act.AGREED and stage is first else None


_FORWARD = (
    Act.REQ_APPROVED,
    Act.SUBMITTED,
    Act.ACCEPTED,
    Act.AGREED,
    Act.PROVISIONED,
    Act.DISPUTE_ANSWERED,
    Act.DISPOSED,
)


def forward_acts(state: State, stage: Stage) -> tuple[Act, ...]:
    """The acts by which the request goes on from here, if it has to."""
    legal = MOVES.get((state, stage), {})
    forward = _FORWARD if Act.DISPUTE_ANSWERED in legal else (*_FORWARD, Act.SETTLED)
    return tuple(act for act in forward if act in legal)


@cache
def waits_for(state: State, stage: Stage) -> frozenset[Party]:
    """Who must act for the request to go on; empty when nobody has to. Supervision is never awaited."""
    return frozenset(party for act in forward_acts(state, stage) for party in MOVES[state, stage][act].by)

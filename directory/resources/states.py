"""The life of an entry as data: which step leads from where to where, who may take it, and what it needs. Pure.

Rules of the machine (DESIGN §6):
- an edit or assessment is possible in draft, and of a published entry, whose published version stays visible meanwhile;
- head, office reviewer and office approver decide in this order, each another person, none the author;
- each may return the entry as draft with a comment; the editor may recall it before the office has acted;
- suspension hides the published version, resumption shows it again; withdrawal is final;
- a draft that was never published can be discarded, which is as final, and no step for others to decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.actions import Action

STATUSES: Mapping[str, str] = {
    "draft": "草稿",
    "head_approved": "部门已审",
    "submitted": "已提交",
    "reviewed": "已审核",
    "published": "已发布",
    "suspended": "已暂停",
    "withdrawn": "已撤销",
}
EDITABLE = frozenset({"draft", "published"})
HIDDEN = frozenset({"suspended", "withdrawn"})
FORWARD = ("head_approve", "submit", "review", "publish")
"""The steps that take a draft to publication, in their order."""


@dataclass(frozen=True)
class Move:
    """One step between statuses. ``is_approval``: by another person than the author, once per person and round.

    ``needs_published``: only where there is a published version, whatever is being worked on; ``needs_unpublished``:
    only where there never was one.
    """

    step: str
    name_zh: str
    sources: frozenset[str]
    to: str
    action: Action
    is_approval: bool = False
    is_own: bool = False
    needs_comment: bool = False
    needs_complete: bool = False
    needs_published: bool = False
    needs_unpublished: bool = False

    def fits(self, *, has_published: bool) -> bool:
        """Whether the step is one for an entry that has, or never had, a published version."""
        return not (self.needs_unpublished if has_published else self.needs_published)


_ALIVE = frozenset(STATUSES) - HIDDEN

MOVES: tuple[Move, ...] = (
    Move(
        "head_approve",
        "审核通过",
        frozenset({"draft"}),
        "head_approved",
        Action.RESOURCE_HEAD_APPROVE,
        is_approval=True,
    ),
    Move("submit", "提交", frozenset({"head_approved"}), "submitted", Action.RESOURCE_SUBMIT, is_own=True),
    Move("review", "审核通过", frozenset({"submitted"}), "reviewed", Action.RESOURCE_REVIEW, is_approval=True),
    Move(
        "publish",
        "发布",
        frozenset({"reviewed"}),
        "published",
        Action.RESOURCE_PUBLISH,
        is_approval=True,
        needs_complete=True,
    ),
    Move(
        "return",
        "退回修改",
        frozenset({"head_approved", "submitted", "reviewed"}),
        "draft",
        Action.RESOURCE_RETURN,
        needs_comment=True,
    ),
    Move("recall", "撤回", frozenset({"head_approved", "submitted"}), "draft", Action.RESOURCE_RECALL, is_own=True),
    Move(
        "suspend",
        "暂停",
        _ALIVE,
        "suspended",
        Action.RESOURCE_SUSPEND,
        needs_comment=True,
        needs_published=True,
    ),
    Move("resume", "恢复", frozenset({"suspended"}), "published", Action.RESOURCE_RESUME, needs_published=True),
    Move(
        "withdraw",
        "撤销",
        _ALIVE | {"suspended"},
        "withdrawn",
        Action.RESOURCE_WITHDRAW,
        needs_comment=True,
        needs_published=True,
    ),
    Move(
        "discard",
        "作废草稿",
        frozenset({"draft"}),
        "withdrawn",
        Action.RESOURCE_EDIT,
        is_own=True,
        needs_comment=True,
        needs_unpublished=True,
    ),
)

# Writing always leads to a draft. Resuming leads back to draft while a successor waits.
WRITING = ("register", "edit", "assess", "import")
OWN_STEPS = (*WRITING, *(move.step for move in MOVES if move.is_own))
APPROVALS = tuple(move.step for move in MOVES if move.is_approval)
PUBLIC_STEPS = ("publish", "suspend", "resume", "withdraw")
"""Steps that change what every department finds, and so are told to all (Art. 16)."""
RESULTS: tuple[tuple[str, str], ...] = (
    *((step, "draft") for step in WRITING),
    *((move.step, move.to) for move in MOVES),
    ("resume", "draft"),
)


def moves(status: str, to: str, *, has_published: bool) -> tuple[Move, ...]:
    """The steps that lead from a status to another; several differ in who may take them."""
    return tuple(
        move for move in MOVES if status in move.sources and move.to == to and move.fits(has_published=has_published)
    )


def moves_from(status: str, *, has_published: bool) -> tuple[Move, ...]:
    """Everything that can happen next, for the buttons of a page."""
    return tuple(move for move in MOVES if status in move.sources and move.fits(has_published=has_published))

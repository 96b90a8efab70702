"""What somebody chooses for an act, the same from a program, a page and a file; and whether it can be at all."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.accounts.models import Account
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.nodes.models import Node
from directory.organisations.models import Organisation
from directory.organisations.queries import organisation, require_open
from directory.resources.models import ResourceEntry
from directory.typed import EARLIEST

Code = Annotated[str, Field(min_length=1, max_length=32)]
MOST_DEPARTMENTS = 20
MOST_CHOSEN = 20_000


class Choice(BaseModel):
    """An act: its kind, the departments it is about, who takes over, from which day on and on which paper.

    ``rename`` has the new ``name`` and ``short_name``. In a ``split`` the department itself may be among its
    ``successors``: it stays, and gives away what is chosen. ``entries``, ``nodes`` and ``people`` choose successors
    one by one (by id, node id, user name); the rest goes to ``default_successor``. A person chosen for nobody (empty)
    does not go along, and the account is closed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["rename", "merge", "split"]
    organisations: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_DEPARTMENTS)]
    successors: Annotated[tuple[Code, ...], Field(max_length=MOST_DEPARTMENTS)] = ()
    default_successor: Annotated[str, Field(max_length=32)] = ""
    name: Annotated[str, Field(max_length=200)] = ""
    short_name: Annotated[str, Field(max_length=50)] = ""
    effective_on: date
    basis: Annotated[str, Field(max_length=500)]
    words: Annotated[str, Field(max_length=2000)] = ""
    entries: Annotated[dict[UUID, Code], Field(max_length=MOST_CHOSEN)] = {}
    nodes: Annotated[dict[str, Code], Field(max_length=1000)] = {}
    people: Annotated[dict[str, Annotated[str, Field(max_length=32)]], Field(max_length=MOST_CHOSEN)] = {}

    @property
    def default(self) -> str:
        """Who takes what nobody is chosen for."""
        return self.default_successor or (self.successors[0] if len(self.successors) == 1 else "")

    @property
    def closed(self) -> tuple[str, ...]:
        """The departments that are no more afterwards."""
        return (
            () if self.kind == "rename" else tuple(each for each in self.organisations if each not in self.successors)
        )


def fitting(session: Session, choice: Choice) -> Choice:
    """The same without what was chosen for a department that does not take over, or of what is not theirs (any more).

    A page's choices outlast the departments that they were made among; a program and a file say what they mean.
    """
    keys: Mapping[str, tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]]] = {
        "entries": (ResourceEntry.id, ResourceEntry.org_code),
        "nodes": (Node.node_id, Node.org_code),
        "people": (Account.username, Account.org_code),
    }
    to, kept = {*choice.successors, ""}, {}
    for name, (key, org_code) in keys.items():
        if chosen := getattr(choice, name):
            theirs = set(session.scalars(select(key).where(org_code.in_(choice.organisations))))
            kept[name] = {each: to_org for each, to_org in chosen.items() if each in theirs and to_org in to}
    return choice.model_copy(update=kept)


def require_sound(session: Session, choice: Choice, now: datetime) -> None:
    """Raise ``REFORM_INVALID`` with its reason, ``ORGANISATION_UNKNOWN`` or ``ORGANISATION_CLOSED``."""
    about = [organisation(session, code) for code in choice.organisations]
    successors = [organisation(session, code) for code in choice.successors]
    for each in (*about, *successors):
        require_open(session, each)
    reason = _day_or_paper(choice, now) or (
        _renaming(session, choice, about) if choice.kind == "rename" else _passing_on(choice, about, successors)
    )
    if reason:
        raise DirectoryError("REFORM_INVALID", reason=reason)


def _day_or_paper(choice: Choice, now: datetime) -> str:
    if not EARLIEST <= choice.effective_on <= day_of(now):
        return "生效日期不能晚于今天；未到生效日期的可以先预览，到日再办理"
    if not choice.basis.strip():
        return "须写明依据，如三定规定或批文的文号"
    if len(set(choice.organisations)) < len(choice.organisations) or len(set(choice.successors)) < len(
        choice.successors
    ):
        return "同一部门写了两次"
    return ""


def _renaming(session: Session, choice: Choice, about: Sequence[Organisation]) -> str:
    if len(about) != 1 or choice.successors or choice.default_successor:
        return "更名只涉及一个部门，没有承接部门"
    if choice.entries or choice.nodes or choice.people:
        return "更名不移交任何东西"
    name = choice.name.strip()
    if not name:
        return "须写明新名称"
    if name == about[0].name:
        return "新名称与现名称相同"
    if session.scalar(select(Organisation.code).where(Organisation.name == name)) is not None:
        return f"已有部门名为“{name}”"
    return ""


def _passing_on(choice: Choice, about: Sequence[Organisation], successors: Sequence[Organisation]) -> str:
    is_merge, to = choice.kind == "merge", set(choice.successors)
    strange = {*choice.entries.values(), *choice.nodes.values(), *choice.people.values()} - {*to, ""}
    faults = (
        (choice.name or choice.short_name, "合并和拆分不改名称；需要时另办更名"),
        (not all(each.is_confirmed for each in successors), "承接部门须先登记统一社会信用代码"),
        (any(each.is_office and each.code in choice.closed for each in about), "信息办不能撤并，可以更名"),
        (is_merge and len(to) != 1, "合并须有且只有一个承接部门"),
        (is_merge and to & set(choice.organisations), "部门不能并入自己"),
        (not is_merge and len(about) != 1, "一次拆分一个部门"),
        (not is_merge and len(to) < 2, "拆分须有两个以上的承接部门；原部门保留的，也列为承接部门"),
        (choice.default not in to, "须指定一个承接其余事项的部门"),
        (strange, f"移交对象 {min(strange, default='')} 不在承接部门之中"),
    )
    return next((reason for is_so, reason in faults if is_so), "")

"""The life of an entry against a model: whatever people try in whatever order, the rules of the machine hold.

The model knows statuses and who did what; it is far simpler than the service. Each step is tried by a person chosen by
hypothesis: what the model allows must succeed, what it forbids must be refused by name, and after each step the entry
is compared with the model, as its department and as a stranger see it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.resources import decide, edit, queries
from directory.resources.copy import copy
from directory.resources.register import register
from directory.resources.restore import restore
from directory.roles import Role
from metadata.resource import Resource

PEOPLE = ("editor", "colleague", "head", "reviewer", "approver", "both", "everything", "stranger")
WRITERS = {"editor", "colleague", "everything"}
APPROVERS = {
    "head_approved": {"head", "everything"},
    "reviewed": {"reviewer", "both"},
    "published": {"approver", "both"},
}
OFFICE_HEADS = {"approver", "both"}
BEFORE = {"head_approved": "draft", "reviewed": "submitted", "published": "reviewed"}
NAMED = {
    "STATUS_FORBIDS", "FORBIDDEN", "SELF_APPROVAL", "APPROVED_ALREADY", "COMMENT_REQUIRED", "RESOURCE_NOT_FOUND",
    "RESOURCE_INCOMPLETE", "VERSION_CHANGED", "RESOURCE_SUSPENDED", "RESOURCE_WITHDRAWN",
}  # fmt: skip


class Life(RuleBasedStateMachine):
    """One entry and its copies in a transaction that is given up at the end."""

    open_session: Callable[[], Session]
    people: dict[str, Actor]
    draft: dict[str, Any]
    classes: Any

    versions = Bundle("versions")

    def __init__(self) -> None:
        super().__init__()
        self.session = self.open_session()
        self.status, self.published = "draft", 0
        self.authors: list[str] = []  # by version, since nobody may approve what they wrote
        self.approved: set[str] = set()  # in this round
        self.titles: dict[int, str] = {}
        self.numbers: list[str] = []

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    @initialize(target=versions)
    def registered(self) -> int:
        record = Resource.model_validate(self.draft | {"title": "第1版"})
        saved = register(self.session, self.people["editor"], record, self.classes, self._now())
        self.ref, self.numbers = str(saved.entry.id), [saved.record.identifier, saved.record.code]
        self._written("editor", "第1版")
        return 1

    @rule(target=versions, who=st.sampled_from(PEOPLE))
    def edited(self, who: str) -> int:
        title = f"第{len(self.authors) + 1}版"

        def act() -> None:
            record = queries.current_record(self.session, self._entry()).model_copy(update={"title": title})
            edit.edit(self.session, self.people[who], self.ref, record, len(self.authors), self._now())

        if self._try(act, allowed=who in WRITERS and self.status in {"draft", "published"}):
            self._written(who, title)
        return len(self.authors)

    @rule(who=st.sampled_from(PEOPLE))
    def assessed(self, who: str) -> None:
        def act() -> None:
            for kind in ("secrecy", "personal_information"):
                edit.assess(
                    self.session, self.people[who], self.ref, kind=kind, conclusion="可以共享",
                    assessed_on=date(2026, 1, 5), is_passed=True, now=self._now(),
                )  # fmt: skip

        if self._try(act, allowed=who in WRITERS and self.status in {"draft", "published"}):
            self._written(who, self.titles[len(self.authors)])
            self._written(who, self.titles[len(self.authors)])

    @rule(who=st.sampled_from(PEOPLE), version=versions)
    def restored(self, who: str, version: int) -> None:
        title = self.titles[version]
        is_same = self._content(version) == self._content(len(self.authors))

        def act() -> None:
            restore(self.session, self.people[who], self.ref, version, len(self.authors), self._now())

        if self._try(act, allowed=who in WRITERS and self.status in {"draft", "published"}) and not is_same:
            self._written(who, title)

    @rule(who=st.sampled_from(PEOPLE), to=st.sampled_from(["head_approved", "submitted", "reviewed", "published"]))
    def moved_on(self, who: str, to: str) -> None:
        if self.status == "suspended":
            return  # resuming has a rule of its own
        if to == "submitted":
            allowed = self.status == "head_approved" and who in WRITERS
        else:
            wrote = who in self.authors[self.published :]
            allowed = self.status == BEFORE[to] and who in APPROVERS[to] and not wrote and who not in self.approved
            allowed = allowed and (to != "published" or self._is_complete())
        if self._try(lambda: self._move(who, to, ""), allowed=allowed):
            self.status = to
            if to != "submitted":
                self.approved.add(who)
            if to == "published":
                self.published = len(self.authors)

    @rule(who=st.sampled_from(PEOPLE))
    def moved_forward(self, who: str) -> None:
        """The next step, whoever tries it; the rule above mostly asks for what is out of turn."""
        following = {"draft": "head_approved", "head_approved": "submitted"} | {b: a for a, b in BEFORE.items()}
        if self.status in following:
            self.moved_on(who, following[self.status])

    @rule()
    def taken_through(self) -> None:
        """The whole way, as it mostly goes; from the middle of it, what is out of turn is refused."""
        self.assessed("editor")
        for who, to in (("head", "head_approved"), ("editor", "submitted"), ("both", "reviewed")):
            self.moved_on(who, to)
        self.moved_on("both", "published")  # one person does not approve twice
        self.moved_on("approver", "published")

    @rule(target=versions)
    def written_by_two(self) -> int:
        """Whoever may approve has written an earlier version of what is now to be approved."""
        self.edited("everything")
        return self.edited("colleague")

    @rule(who=st.sampled_from(PEOPLE), comment=st.sampled_from(["", "请改"]))
    def sent_back(self, who: str, comment: str) -> None:
        wrote = who in self.authors[self.published :]
        recalls = who in WRITERS and self.status in {"head_approved", "submitted"}
        returns = who in {"head", "everything", "reviewer", "approver", "both"} and who != self.authors[-1]
        returns = returns and self.status in {"head_approved", "submitted", "reviewed"}
        if who == "everything" and recalls and not wrote:
            recalls = False  # somebody else's writing is returned, with a reason
        if self._try(lambda: self._move(who, "draft", comment), allowed=recalls or (returns and comment != "")):
            self.status, self.approved = "draft", set()

    @rule(who=st.sampled_from(PEOPLE))
    def suspended(self, who: str) -> None:
        allowed = who in OFFICE_HEADS and self.published > 0 and self.status not in {"suspended", "withdrawn"}
        if self._try(lambda: self._move(who, "suspended", "检修"), allowed=allowed):
            self.status = "suspended"

    @rule(who=st.sampled_from(PEOPLE))
    def resumed(self, who: str) -> None:
        if self.status != "suspended":
            return
        if self._try(lambda: self._move(who, "published", ""), allowed=who in OFFICE_HEADS):
            self.status = "published" if self.published == len(self.authors) else "draft"
            if self.status == "draft":
                self.approved = set()

    @rule(who=st.sampled_from(PEOPLE), luck=st.integers(min_value=0, max_value=3))
    def withdrawn(self, who: str, luck: int) -> None:
        if luck:
            return  # final: most lives should go on
        if self.published:
            allowed = who in OFFICE_HEADS and self.status != "withdrawn"
        else:
            allowed = who in WRITERS and self.status == "draft"  # 作废草稿
        if self._try(lambda: self._move(who, "withdrawn", "职能划转"), allowed=allowed):
            self.status = "withdrawn"

    @rule(who=st.sampled_from(["editor", "colleague"]))
    def copied(self, who: str) -> None:
        saved = copy(self.session, self.people[who], self.ref, self.classes, self._now())
        assert not {saved.record.identifier, saved.record.code} & set(self.numbers)  # never used again
        self.numbers += [saved.record.identifier, saved.record.code]
        assert saved.entry.status == "draft"

    @invariant()
    def as_the_model_says(self) -> None:
        entry = self._entry()
        assert (entry.status, entry.current_version) == (self.status, len(self.authors))
        assert (entry.published_version or 0) == self.published
        assert [entry.identifier, entry.code] == self.numbers[:2]
        inside = queries.shown_record(self.session, self.people["head"], entry)
        assert inside.title == self.titles[len(self.authors)]

    @invariant()
    def strangers_see_the_published_version_or_nothing(self) -> None:
        hidden = {"suspended": "RESOURCE_SUSPENDED", "withdrawn": "RESOURCE_WITHDRAWN"}
        expected = hidden.get(self.status, "") if self.published else "RESOURCE_NOT_FOUND"
        if expected:
            with pytest.raises(DirectoryError, match=expected):
                queries.find(self.session, self.people["stranger"], self.ref)
            return
        entry = queries.find(self.session, self.people["stranger"], self.ref)
        shown = queries.shown_record(self.session, self.people["stranger"], entry)
        assert shown.title == self.titles[self.published]

    def _written(self, who: str, title: str) -> None:
        if self.status == "published":
            self.approved = set()  # the successor's approvals are counted anew
        self.authors.append(who)
        self.titles[len(self.authors)] = title
        self.status = "draft"

    def _try(self, act: Callable[[], object], *, allowed: bool) -> bool:
        """Whether it was done; what the model forbids must be refused by a name of the machine, and leave nothing."""
        if allowed:
            act()
            return True
        with pytest.raises(DirectoryError) as refused, self.session.begin_nested():
            act()
        assert refused.value.code in NAMED
        return False

    def _move(self, who: str, to: str, comment: str) -> None:
        decide.move(self.session, self.people[who], self.ref, to, comment, self._now())

    def _entry(self) -> Any:
        return queries.find(self.session, self.people["head"], self.ref)

    def _is_complete(self) -> bool:
        return bool(queries.current_record(self.session, self._entry()).assessments)

    def _content(self, version: int) -> Any:
        record = queries.version_record(self.session, self.people["head"], self._entry(), version)
        own = {"assessments", "updated_on", "published_on"}
        return {name: value for name, value in record.model_dump().items() if name not in own}

    @staticmethod
    def _now() -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def life(directory_app: Any, directory_settings: Any, department: Any, office: Any, city: Any) -> type[Life]:
    """The machine over this application's database; two of its people hold two roles each."""
    both = city.person(office.code, Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER)
    everything = city.person(department.code, Role.EDITOR, Role.DEPARTMENT_HEAD)
    stranger = city.person(city.organisation(), Role.REQUESTER)
    people = {
        "editor": department.editor.actor,
        "colleague": department.colleague.actor,
        "head": department.head.actor,
        "reviewer": office.reviewer.actor,
        "approver": office.approver.actor,
        "both": both.actor,
        "everything": everything.actor,
        "stranger": stranger.actor,
    }
    values = {"people": people, "draft": department.draft(), "classes": directory_settings.classes}
    return type("LifeHere", (Life,), values | {"open_session": staticmethod(directory_app.state.sessions)})


def test_whatever_is_tried_in_whatever_order_the_rules_hold(life: type[Life]) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=checks,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a life is read as it is; shrinking takes minutes
        ),
    )

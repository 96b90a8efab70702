"""How far an entry is, from its steps alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.actions import Action
from directory.clock.deadlines import Calendar, due
from directory.duties.states import Facts, Progress, Stage, Step, progress, stage_of

CALENDAR = Calendar(frozenset(), frozenset(), frozenset({2025}))
MONDAY = date(2025, 11, 3)
UPDATE = due(MONDAY, 10, CALENDAR)  # until 2025-11-17


def of(status: str, version: int, *steps: tuple[str, int, int]) -> Progress:
    """Steps as (step, version, days after the Monday); the report was at version 3."""
    taken = tuple(Step(step, number, MONDAY + timedelta(days)) for step, number, days in steps)
    return progress(Facts(status, version, 3, taken), UPDATE, 2, CALENDAR)


@pytest.mark.parametrize(
    ("status", "version", "steps", "stage", "actions"),
    [
        ("published", 3, (), Stage.DEPARTMENT, {Action.RESOURCE_EDIT}),
        ("draft", 3, (), Stage.DEPARTMENT, {Action.RESOURCE_EDIT}),
        ("submitted", 3, (("submit", 3, -1),), Stage.DEPARTMENT, {Action.RESOURCE_RECALL}),
        ("reviewed", 3, (("submit", 3, -1),), Stage.DEPARTMENT, {Action.RESOURCE_RETURN}),
        ("suspended", 3, (("suspend", 3, 1),), Stage.DEPARTMENT, {Action.RESOURCE_RESUME}),
        ("draft", 4, (), Stage.DEPARTMENT, {Action.RESOURCE_EDIT, Action.RESOURCE_HEAD_APPROVE}),
        ("head_approved", 4, (), Stage.DEPARTMENT, {Action.RESOURCE_SUBMIT}),
        ("submitted", 4, (("submit", 4, 1),), Stage.OFFICE, {Action.RESOURCE_REVIEW}),
        ("reviewed", 4, (("submit", 4, 1),), Stage.OFFICE, {Action.RESOURCE_PUBLISH}),
        ("draft", 4, (("submit", 4, 1), ("return", 4, 2)), Stage.DEPARTMENT,
         {Action.RESOURCE_EDIT, Action.RESOURCE_HEAD_APPROVE}),
        ("head_approved", 4, (("submit", 4, 1), ("recall", 4, 2)), Stage.DEPARTMENT, {Action.RESOURCE_SUBMIT}),
        ("suspended", 4, (("submit", 4, 1), ("suspend", 4, 2)), Stage.DEPARTMENT, {Action.RESOURCE_RESUME}),
        ("draft", 4, (("submit", 4, 1), ("suspend", 4, 2)), Stage.DEPARTMENT,
         {Action.RESOURCE_EDIT, Action.RESOURCE_HEAD_APPROVE}),
        ("published", 4, (("submit", 4, 1), ("publish", 4, 2)), Stage.DONE, set()),
        ("draft", 5, (("submit", 4, 1), ("publish", 4, 2)), Stage.DONE, set()),
        ("suspended", 4, (("submit", 4, 1), ("publish", 4, 2), ("suspend", 4, 3)), Stage.DONE, set()),
        ("withdrawn", 3, (("withdraw", 3, 1),), Stage.DONE, set()),
        ("withdrawn", 3, (("discard", 3, 1),), Stage.DONE, set()),
        ("published", 3, (("submit", 3, 1), ("publish", 3, 2)), Stage.DEPARTMENT, {Action.RESOURCE_EDIT}),
    ],
)  # fmt: skip
def test_whose_term_runs_and_what_is_to_be_done(
    status: str, version: int, steps: tuple[tuple[str, int, int], ...], stage: Stage, actions: set[Action]
) -> None:
    found = of(status, version, *steps)
    assert (found.stage, found.actions) == (stage, actions)
    assert (found.due is None) == (stage is Stage.DONE)
    if stage is Stage.DEPARTMENT:
        assert found.due == UPDATE


@pytest.mark.parametrize(
    ("submitted", "published", "was_late"),
    [(14, 16, False), (14, 17, True), (15, 16, True), (0, 2, False), (0, 3, True)],
)
def test_late_is_either_past_its_own_term(submitted: int, published: int, was_late: bool) -> None:
    """The fourteenth day is the last of ten working days; two more days are the office's."""
    assert of("published", 4, ("submit", 4, submitted), ("publish", 4, published)).was_late is was_late


def test_the_office_counts_from_the_last_submission() -> None:
    steps = (("submit", 4, 1), ("return", 4, 2), ("submit", 5, 8))
    found = of("submitted", 5, *steps)
    assert found.submitted_on == MONDAY + timedelta(8)
    assert found.due is not None
    assert found.due.due_on == MONDAY + timedelta(10)


@given(st.lists(st.sampled_from(list(Stage))))
def test_the_whole_is_as_far_as_its_slowest(stages: list[Stage]) -> None:
    entries = [Progress(stage, None, frozenset(), None, None, False) for stage in stages]
    order = [Stage.DEPARTMENT, Stage.OFFICE, Stage.DONE]
    assert stage_of(entries) == min(stages, key=order.index, default=Stage.DONE)

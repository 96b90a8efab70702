"""Article 17 around the holidays of October 2025: ten working days, five more by consent, two to publish."""

from datetime import date, timedelta
from typing import Any

import pytest

from directory.duties.queries import change
from directory.duties.report import ask_extension, decide_extension
from directory.duties.views import DutyView, view, waiting
from directory.errors import DirectoryError
from directory.supervision.api import supervision
from tests.directory.duties.conftest import Autumn, at

EVE = date(2025, 9, 30)  # the Tuesday before eight days of holiday; Saturday 11 October is worked instead


def october(day: int) -> date:
    return date(2025, 10, day)


def seen(autumn: Autumn, change_id: Any, today: date, person: Any = None) -> DutyView:
    actor = (person or autumn.department.editor).actor
    return view(autumn.session, actor, change(autumn.session, actor, change_id), today)


def test_ten_working_days_for_the_department_two_for_the_office(autumn: Autumn) -> None:
    one, other = autumn.published("企业"), autumn.published("个体户")
    made = autumn.reported(one, other, changed_on=EVE)
    shown = seen(autumn, made, october(9))
    assert (shown.state, shown.due_on, shown.light) == ("department", october(21), "green")
    assert shown.waits_for == ("编目员",)
    assert [entry.due_on for entry in shown.entries] == [october(21)] * 2
    assert seen(autumn, made, october(14)).light == "amber"  # the fifth of ten: 9, 10, 11 (worked), 13, 14
    assert seen(autumn, made, october(21)).light == "amber"
    assert seen(autumn, made, october(22)).light == "red"

    autumn.edited(one, october(10))
    autumn.submitted(one, october(11))  # the Saturday that is worked: the office has Monday and Tuesday
    shown = seen(autumn, made, october(13))
    entry = next(entry for entry in shown.entries if entry.title == "企业")
    assert (entry.stage, entry.due_on, entry.submitted_on) == ("office", october(14), october(11))
    assert (shown.state, shown.due_on) == ("department", october(14))  # the first term to end, whosever
    assert set(shown.waits_for) == {"编目员", "信息办审核"}
    for person, due_on in ((autumn.department.editor, october(21)), (autumn.office.reviewer, october(14))):
        (line,) = [line for line in waiting(autumn.session, person.actor, october(13)) if line.id == made]
        assert line.due_on == due_on  # each is told of their own term
    autumn.step(autumn.office.reviewer, one, "reviewed", october(13))
    autumn.step(autumn.office.approver, one, "published", october(14))
    shown = seen(autumn, made, october(14))
    assert (shown.done_count, shown.entry_count, shown.due_on) == (1, 2, october(21))

    autumn.edited(other, october(20))
    autumn.submitted(other, october(21))
    shown = seen(autumn, made, october(22))
    assert (shown.state, shown.due_on, shown.light) == ("office", october(23), "amber")
    autumn.step(autumn.office.reviewer, other, "reviewed", october(23))
    autumn.step(autumn.office.approver, other, "published", october(24))
    shown = seen(autumn, made, october(27))
    assert (shown.state, shown.due_on, shown.light, shown.waits_for) == ("done", None, None, ())
    assert {entry.title: entry.was_late for entry in shown.entries} == {"企业": False, "个体户": True}


def test_what_the_department_owes_too_late_is_filed_under_its_situation(autumn: Autumn) -> None:
    made = autumn.reported(autumn.published("企业"), changed_on=EVE)
    late = "P1 未按照要求编制或者更新政务数据目录"
    for day, situation in ((21, None), (22, late)):
        assert [entry.situation for entry in seen(autumn, made, october(day)).entries] == [situation]
    one = autumn.published("个体户")
    made = autumn.reported(one, changed_on=EVE)
    autumn.edited(one, october(9))
    autumn.submitted(one, october(9))
    [entry] = seen(autumn, made, october(20)).entries
    assert (entry.light, entry.situation) == ("red", None)  # the office is late, which is none of the department's


def test_five_more_days_with_the_offices_consent_and_only_once(autumn: Autumn) -> None:
    made = autumn.reported(autumn.published("企业"), changed_on=EVE)
    editor, approver = autumn.department.editor.actor, autumn.office.approver.actor
    with pytest.raises(DirectoryError, match="COMMENT_REQUIRED"):
        ask_extension(autumn.session, editor, made, 5, " ", at(october(20)))
    for days in (0, 6):
        with pytest.raises(DirectoryError, match="EXTENSION_CLOSED"):
            ask_extension(autumn.session, editor, made, days, "接口改造", at(october(20)))
    ask_extension(autumn.session, editor, made, 5, "接口改造", at(october(20)))
    asked = seen(autumn, made, october(20))
    assert (asked.due_on, asked.extension is not None and asked.extension.is_granted) == (october(21), None)
    assert "信息办答复延期" in asked.waits_for
    assert "decide_extension" in seen(autumn, made, october(20), autumn.office.approver).acts
    with pytest.raises(DirectoryError, match="FORBIDDEN"):
        decide_extension(autumn.session, editor, made, is_granted=True, comment="", now=at(october(21)))
    decide_extension(autumn.session, approver, made, is_granted=True, comment="", now=at(october(21)))
    granted = seen(autumn, made, october(22))
    assert (granted.due_on, granted.limit_days) == (october(28), 15)  # 22, 23, 24, 27, 28
    assert (granted.light, granted.acts) == ("amber", ())
    with pytest.raises(DirectoryError, match="EXTENSION_CLOSED"):
        ask_extension(autumn.session, editor, made, 1, "再延", at(october(23)))
    with pytest.raises(DirectoryError, match="EXTENSION_DECIDED"):
        decide_extension(autumn.session, approver, made, is_granted=False, comment="改主意", now=at(october(23)))


def test_a_refused_extension_changes_no_day_and_says_why(autumn: Autumn) -> None:
    made = autumn.reported(autumn.published("企业"), changed_on=EVE)
    ask_extension(autumn.session, autumn.department.editor.actor, made, 3, "人手不足", at(october(10)))
    approver = autumn.office.approver.actor
    with pytest.raises(DirectoryError, match="COMMENT_REQUIRED"):
        decide_extension(autumn.session, approver, made, is_granted=False, comment="", now=at(october(11)))
    decide_extension(autumn.session, approver, made, is_granted=False, comment="只改一项", now=at(october(11)))
    shown = seen(autumn, made, october(13))
    assert (shown.due_on, shown.limit_days) == (october(21), 10)
    assert shown.extension is not None
    assert (shown.extension.is_granted, shown.extension.comment) == (False, "只改一项")


def test_no_extension_after_the_term_or_once_all_is_submitted(autumn: Autumn) -> None:
    one = autumn.published("企业")
    made, editor = autumn.reported(one, changed_on=EVE), autumn.department.editor.actor
    with pytest.raises(DirectoryError, match="已过"):
        ask_extension(autumn.session, editor, made, 5, "忘了", at(october(22)))
    autumn.edited(one, october(9))
    autumn.submitted(one, october(9))
    with pytest.raises(DirectoryError, match="都已更新提交"):
        ask_extension(autumn.session, editor, made, 5, "再想想", at(october(10)))


def test_the_term_runs_from_the_change_however_late_it_is_reported(autumn: Autumn) -> None:
    made = autumn.reported(autumn.published("企业"), changed_on=EVE, on=october(24), by=autumn.office.reviewer)
    shown = seen(autumn, made, october(24))
    assert (shown.due_on, shown.light) == (october(21), "red")


def test_what_was_under_way_at_the_report_is_no_update(autumn: Autumn) -> None:
    one = autumn.published("企业")
    autumn.edited(one, date(2025, 9, 29))
    autumn.submitted(one, date(2025, 9, 29))
    made = autumn.reported(one, changed_on=EVE)
    assert seen(autumn, made, EVE).waits_for == ("编目员",)  # to recall it
    autumn.step(autumn.office.reviewer, one, "reviewed", EVE)
    autumn.step(autumn.office.approver, one, "published", EVE)
    shown = seen(autumn, made, october(9))
    assert (shown.state, shown.done_count) == ("department", 0)


def test_a_return_puts_it_back_under_the_departments_term(autumn: Autumn) -> None:
    one = autumn.published("企业")
    made = autumn.reported(one, changed_on=EVE)
    autumn.edited(one, october(9))
    autumn.submitted(one, october(9))
    assert seen(autumn, made, october(9)).state == "office"
    autumn.step(autumn.office.reviewer, one, "draft", october(10), "漏了一项")
    shown = seen(autumn, made, october(10))
    assert (shown.state, shown.due_on) == ("department", october(21))
    assert set(shown.waits_for) == {"编目员", "部门负责人"}


def test_it_waits_for_whoever_has_the_next_step(autumn: Autumn) -> None:
    one = autumn.published("企业")
    made = autumn.reported(one, changed_on=EVE)
    people = {
        "editor": autumn.department.editor, "head": autumn.department.head,
        "reviewer": autumn.office.reviewer, "approver": autumn.office.approver,
    }  # fmt: skip

    def waits() -> set[str]:
        found = set()
        for name, person in people.items():
            lines = waiting(autumn.session, person.actor, october(9))
            if made in [line.id for line in lines]:
                found.add(name)
        return found

    assert waits() == {"editor"}
    autumn.edited(one, october(9))
    assert waits() == {"editor", "head"}
    autumn.step(autumn.department.head, one, "head_approved", october(9))
    assert waits() == {"editor"}
    ask_extension(autumn.session, autumn.department.editor.actor, made, 2, "等接口", at(october(9)))
    assert waits() == {"editor", "approver"}  # the extension, which is pointless once all is submitted
    autumn.step(autumn.department.editor, one, "submitted", october(9))
    assert waits() == {"reviewer"}
    autumn.step(autumn.office.reviewer, one, "reviewed", october(9))
    assert waits() == {"approver"}
    autumn.step(autumn.office.approver, one, "published", october(9))
    assert waits() == set()


def test_withdrawing_is_following_too(autumn: Autumn) -> None:
    one = autumn.published("企业")
    made = autumn.reported(one, changed_on=EVE)
    autumn.step(autumn.office.approver, one, "withdrawn", october(9), "职责划走")
    shown = seen(autumn, made, october(9))
    assert (shown.state, shown.entries[0].done_on, shown.entries[0].was_late) == ("done", october(9), False)


def test_a_year_without_its_notice_is_said(autumn: Autumn) -> None:
    one = autumn.published("企业")
    on = date(2027, 1, 4)
    made = autumn.reported(one, changed_on=on)
    assert seen(autumn, made, on + timedelta(1)).warnings == ("2027 年放假安排尚未录入，期限暂按周一至周五计算",)


def test_late_updates_stand_in_supervision_with_who_owes_them(autumn: Autumn, browser: Any) -> None:
    ref = autumn.published("社会组织")
    made = autumn.reported(ref, changed_on=EVE)
    other = autumn.published("基金会")
    autumn.reported(other, changed_on=EVE)
    autumn.edited(other, october(9))
    autumn.submitted(other, october(9))
    approver = autumn.office.approver.actor
    seen_by_office = supervision(autumn.session, approver, october(22), light="red", org="", size=5, after="")
    owed = {each.resource_title: (each.situation, each.responsible_org) for each in seen_by_office.duties}
    own, office = autumn.department.editor.actor.org_code, approver.org_code
    assert (owed["社会组织"], owed["基金会"]) == (("P1", own), (None, office))
    late = {each.org_code: each.red for each in seen_by_office.departments}
    assert late[own] >= 1
    assert late[office] >= 1
    of_department = supervision(
        autumn.session, autumn.department.head.actor, october(22), light=None, org=own, size=5, after=""
    )
    assert [each.change_id for each in of_department.duties] == [made]
    in_time = supervision(autumn.session, approver, october(10), light="red", org=own, size=5, after="")
    assert in_time.duties == []

"""Bulletins: each day's publications, changes and withdrawals, listed as counted, and told once to each department."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from directory.bulletins.announce import TOLD_DAYS, announce
from directory.bulletins.models import Bulletin
from directory.clock.deadlines import SHANGHAI
from directory.notices.models import Notice
from directory.roles import Role
from tests.directory.conftest import Command
from tests.directory.duties.conftest import Autumn
from tests.directory.resources.conftest import Department, Office, office

__all__ = ["office"]

FIRST, SECOND, THIRD = date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 5)
NOTHING = dict.fromkeys(("published", "changed", "suspended", "resumed", "withdrawn"), 0)
KEPT, GONE, DRAFT = "企业年报", "企业地址", "企业草稿"


@pytest.fixture(scope="module")
def department(city: Any) -> Department:
    code = city.organisation()
    people = {"editor": Role.EDITOR, "colleague": Role.EDITOR, "head": Role.DEPARTMENT_HEAD}
    return Department(code, **{name: city.person(code, role) for name, role in people.items()})


@pytest.fixture(scope="module")
def autumn(directory_app: Any, directory_settings: Any, department: Department, office: Office) -> dict[str, str]:
    """Two entries published on the first day; on the second one is suspended and back, the other withdrawn.

    On the third day the first is published anew under another title, which then is edited once more.
    """
    with directory_app.state.sessions.begin() as session:
        town = Autumn(session, department, office, directory_settings.classes)
        kept, gone = town.published(KEPT, FIRST), town.published(GONE, FIRST)
        town.step(office.approver, kept, "suspended", SECOND, "核对期间")
        town.step(office.approver, kept, "published", SECOND)
        town.step(office.approver, gone, "withdrawn", SECOND, "并入企业年报")
        town.edited(kept, THIRD)
        town.submitted(kept, THIRD)
        town.step(office.reviewer, kept, "reviewed", THIRD)
        town.step(office.approver, kept, "published", THIRD)
        town.edited(kept, THIRD, "还没有公布的改动")
    department.register(title=DRAFT)
    return {"kept": kept, "gone": gone}


@pytest.fixture(scope="module")
def stranger(city: Any) -> Any:
    """The 共享工作机构负责人 of another department."""
    return city.person(city.organisation(), Role.SHARING_LEAD)


def _day(person: Any, day: date, **asked: Any) -> Any:
    answer = person.client.get(f"/api/v1/bulletins/{day}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_day_is_listed_as_it_is_counted(autumn: dict[str, str], stranger: Any, office: Office) -> None:
    for person in (stranger, office.reviewer):
        days = person.client.get("/api/v1/bulletins", params={"size": 2}).json()
        more = person.client.get("/api/v1/bulletins", params={"size": 2, "before": days["next"]}).json()
        found = {each.pop("day"): each for each in (*days["items"], *more["items"])}
        assert list(found) == [str(THIRD), str(SECOND), str(FIRST)]
        assert more["next"] is None
        for day, numbers in found.items():
            shown = _day(person, date.fromisoformat(day))
            is_over = numbers.pop("is_over")
            listed = [line["kind"] for line in shown["items"]]
            assert numbers == NOTHING | {kind: listed.count(kind) for kind in listed}
            assert shown["numbers"] == {"day": day, "is_over": is_over, **numbers}
            for kind, number in numbers.items():
                of_kind = _day(person, date.fromisoformat(day), kind=kind)
                assert (of_kind["total"], len(of_kind["items"])) == (number, number)


def test_who_was_told_of_it_knows_of_what_is_gone_but_not_of_drafts(autumn: dict[str, str], stranger: Any) -> None:
    first, second, third = (_day(stranger, day)["items"] for day in (FIRST, SECOND, THIRD))
    assert {(line["title"], line["kind_name"], line["is_open"]) for line in first} == {
        (KEPT, "新发布", True),
        (GONE, "新发布", False),
    }
    reasons = {line["kind"]: (line["title"], line["reason"]) for line in second}
    assert reasons == {"suspended": (KEPT, ""), "resumed": (KEPT, ""), "withdrawn": (GONE, "并入企业年报")}
    assert [(line["kind"], line["version"]) for line in third] == [("changed", 4)]
    assert [(line["changes"], line["changes_more"]) for line in third] == [(["摘要"], 0)]
    assert not any(line["changes"] for line in (*first, *second)), "nothing is told of what is not a change"
    assert stranger.client.get(f"/api/v1/resources/{autumn['gone']}").status_code == 410


def test_a_page_at_a_time(autumn: dict[str, str], stranger: Any) -> None:
    found, after = [], ""
    while after is not None:
        shown = _day(stranger, SECOND, size=1, after=after)
        found += [line["kind"] for line in shown["items"]]
        after = shown["next"]
    assert found == [line["kind"] for line in _day(stranger, SECOND)["items"]]
    for bad in ("x", "2025-09-02T00:00:00~x~1", "2025-09-02T00:00:00"):
        refused = stranger.client.get(f"/api/v1/bulletins/{SECOND}", params={"after": bad})
        assert refused.json()["code"] == "CURSOR_INVALID"


def test_each_department_is_told_once_of_a_day_that_is_over(
    directory_app: Any, autumn: dict[str, str], stranger: Any, department: Department
) -> None:
    def run(now: datetime) -> int:
        times = 0
        while True:
            with directory_app.state.sessions.begin() as session:
                if not announce(session, now):
                    return times
            times += 1

    before = stranger.client.get("/api/v1/bulletins").json()
    assert run(datetime(2025, 9, 2, 0, 5, tzinfo=SHANGHAI)) == 0, "somebody may still be at it"
    assert run(datetime(2025, 9, 2, 0, 15, tzinfo=SHANGHAI)) == 1
    assert run(datetime(2025, 9, 2, 0, 15, tzinfo=SHANGHAI)) == 0
    assert run(datetime(2025, 9, 1, 9, tzinfo=SHANGHAI)) == 0, "the clock jumps back"
    late = datetime.combine(SECOND + timedelta(days=TOLD_DAYS + 1), datetime.min.time(), SHANGHAI) + timedelta(hours=9)
    assert run(late) == 2
    told = [each for each in stranger.client.get("/api/v1/notices").json()["items"] if each["kind"] == "bulletin:day"]
    assert [each["link"] for each in told] == [f"/bulletins/{THIRD}", f"/bulletins/{FIRST}"], (
        "the second was too long ago"
    )
    assert "新发布 2 条、变更 0 条、撤销 0 条" in told[-1]["zh"]
    own = department.editor.client.get("/api/v1/notices").json()["items"]
    assert not [each for each in own if each["kind"] == "bulletin:day"], "who is no lead is not told"
    with directory_app.state.sessions() as session:
        assert session.scalars(select(Bulletin.day).order_by(Bulletin.day)).all() == [FIRST, SECOND, THIRD]
        assert len(session.scalars(select(Notice).where(Notice.kind == "bulletin:day")).all()) == 2
    after = stranger.client.get("/api/v1/bulletins").json()
    assert all(each.pop("is_over") for each in after["items"])
    assert not any(each.pop("is_over") for each in before["items"])
    assert after == before


def test_pages_and_a_command(autumn: dict[str, str], stranger: Any, city: Any, command: Command) -> None:
    browser = city.browser(stranger.actor.username)
    page = browser.get("/bulletins").text
    assert f'<a href="/bulletins/{SECOND}?kind=withdrawn">1</a>' in page
    assert 'href="/bulletins" aria-current="page"' in page
    day = browser.get(f"/bulletins/{SECOND}").text
    assert f'<a href="/resources/{autumn["kept"]}">{KEPT}</a>' in day
    assert f'href="/resources/{autumn["gone"]}"' not in day
    assert "理由：并入企业年报" in day
    assert "变更：摘要<" in browser.get(f"/bulletins/{THIRD}").text
    assert "没有这类变化" in browser.get(f"/bulletins/{SECOND}?kind=published").text
    assert "目录没有变化" in browser.get("/bulletins/2025-08-01").text
    username = stranger.actor.username
    listed = command(username, "bulletin", "list", "--before", THIRD)[1].splitlines()
    assert [line.split("\t")[0] for line in listed] == [str(SECOND), str(FIRST)]
    withdrawn = command(username, "bulletin", "show", SECOND, "--kind", "withdrawn", "--json")[1]
    assert json.loads(withdrawn) == _day(stranger, SECOND, kind="withdrawn")
    assert "撤销\t" in command(username, "bulletin", "show", SECOND)[1]
    assert "\t变更：摘要\n" in command(username, "bulletin", "show", THIRD)[1]


@pytest.mark.parametrize("day", [date.min, date.max])
def test_at_the_ends_of_the_calendar_nothing_happened(stranger: Any, city: Any, day: date) -> None:
    """Days that a clock never shows are days all the same; they were an internal error."""
    assert _day(stranger, day)["total"] == 0
    assert stranger.client.get("/api/v1/bulletins", params={"before": day.isoformat()}).status_code == 200
    assert "目录没有变化" in city.browser(stranger.actor.username).get(f"/bulletins/{day.isoformat()}").text

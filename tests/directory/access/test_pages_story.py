"""Stories of requests on their pages, without script: what is offered is done, and each step stands there."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from lxml import html

from directory.roles import Role
from tests.directory.access.conftest import (
    CERTIFICATE,
    REASON,
    TO_ACCEPTED,
    TO_SUBMITTED,
    TODAY,
    Town,
    conditional_sharing,
    second_approver,
    shown,
)

Act = Callable[..., str]


@pytest.fixture(scope="module")
def act(town: Town) -> Act:
    """Take a step by the form of the request's page; the page as its reader then sees it."""
    signed_in: dict[str, Any] = {}

    def take(who: str, request_id: str, to: str, **typed: Any) -> str:
        browser = signed_in.setdefault(who, town.city.browser(town.people[who].actor.username))
        page = f"/requests/{request_id}"
        offered = _offered(browser.get(page).text)
        assert to in offered, (who, to, offered)
        sent = browser.send(page, page, to=to, **typed)
        assert (sent.status_code, sent.headers.get("location")) == (303, page), unescape(sent.text)
        return unescape(browser.get(page).text)

    return take


def _offered(page: str) -> set[str]:
    choices = html.fromstring(page).xpath("//form//*[@name='to']")
    return {value for each in choices for value in [each.get("value"), *each.xpath(".//option/@value")] if value}


def read(town: Town, who: str, request_id: str) -> str:
    return unescape(str(town.city.browser(town.people[who].actor.username).get(f"/requests/{request_id}").text))


def test_all_that_is_missing_is_asked_for_at_once(town: Town, resource: str, act: Act) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    noticed = act("reviewer", request_id, "supplement_asked", comment="写明人数，补齐条款", missing=["scope", "basis"])
    assert "待补正" in noticed
    told = read(town, "clerk", request_id)
    assert all(words in told for words in ("写明人数，补齐条款", "使用范围", "使用依据"))
    assert told.index("写明人数，补齐条款") < told.index("要什么，凭什么"), "what to do stands first"
    assert all(words in told for words in ("还有 2 项没有改", "去补正", "补正期间不计时", "补正通知列出、还没有改"))
    assert "使用依据、场景、范围、方式、时限齐全" not in told
    clerk, form = town.city.browser(town.people["clerk"].actor.username), f"/requests/{request_id}/edit"
    typed = town.asks(resource, scope="待遇核发系统，12 人", basis="《社会保险法》第七十四条第二款", statement="yes")
    asked = unescape(clerk.get(form).text)
    assert asked.count("补正通知列了这一项") == 2
    assert "写明人数，补齐条款" in asked
    saved = clerk.send(form, form, frequency="weekly", **{name: typed[name] for name in typed if name != "resource"})
    assert saved.status_code == 303, unescape(saved.text)
    assert "所列各项都改过了" in read(town, "clerk", request_id)
    act("own_lead", request_id, "req_approved")
    assert 'id="supplement"' not in act("clerk", request_id, "submitted")
    reviewer, page = town.city.browser(town.people["reviewer"].actor.username), f"/requests/{request_id}"
    late = reviewer.send(page, page, to="supplement_asked", comment="场景也不清楚", missing=["scenario"])
    assert late.status_code == 409
    assert "使用场景" in unescape(late.text)
    assert "场景也不清楚" in late.text
    assert "已受理，待提供部门答复" in act("reviewer", request_id, "accepted")


def test_a_refusal_is_disputed_up_to_the_government(town: Town, resource: str, act: Act) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    act("lead", request_id, "refused", reason=REASON, comment="案件尚未办结")
    told = read(town, "clerk", request_id)
    assert told.index(REASON) < told.index("案件尚未办结") < told.index("对答复有异议") < told.index("要什么，凭什么")
    for who, to, words in (
        ("own_lead", "disputed", "案件与此项数据无关"),
        ("lead", "dispute_answered", "维持原答复"),
        ("own_lead", "escalated", "请主管部门决定"),
        ("approver", "dispute_answered", "主管部门维持"),
        ("own_lead", "escalated", "请政府决定"),
    ):
        assert words in act(who, request_id, to, comment=words), to
    ended = act(second_approver(town), request_id, "dispute_answered", comment="市政府决定维持，文号 1")
    assert "争议已了结，不予共享" in ended
    assert "本级人民政府" in ended
    assert not _offered(ended)


def test_the_purpose_is_reached_and_disposal_certified(town: Town, resource: str, in_use: Any, act: Act) -> None:
    request_id = in_use(resource)
    act("own_lead", request_id, "purpose_done", comment="核验已经办完")
    until = (TODAY + timedelta(days=5)).isoformat()
    act("lead", request_id, "disposal_asked", comment="含两份备份", way="销毁", until=until)
    assert all(words in read(town, "own_lead", request_id) for words in (f"{until[5:]} 前", "含两份备份"))
    done = act("own_lead", request_id, "disposed", **CERTIFICATE)
    assert all(words in done for words in ("李四", "王五", "共享库的表和两份备份"))
    assert shown(town, request_id)["state"] == "disposed"


def test_a_misuse_is_suspended_put_right_and_in_the_end_terminated(
    town: Town, resource: str, in_use: Any, act: Act
) -> None:
    request_id = in_use(resource)
    until = (TODAY + timedelta(days=5)).isoformat()
    assert "超出申请的范围" in act("lead", request_id, "suspended", comment="超出申请的范围", until=until)
    assert "已收回多余的账号" in act("own_lead", request_id, "rectified", comment="已收回多余的账号")
    act("lead", request_id, "active", comment="核实无误")
    assert shown(town, request_id)["state"] == "active"
    act("approver", request_id, "suspended", comment="再次发现")
    assert "不再提供" in act("approver", request_id, "terminated", comment="屡次违规，不再提供")
    assert shown(town, request_id)["state"] == "terminated"


def test_a_colleague_decides_for_some_days(town: Town, resource: str, act: Act) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    town.people["deputy"] = town.city.person(town.orgs["provider"], Role.EDITOR)
    deputy, lead = town.people["deputy"].actor, town.city.browser(town.people["lead"].actor.username)
    assert town.city.browser(deputy.username).get(f"/requests/{request_id}").status_code == 404
    days = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=3)).isoformat()}
    late = lead.send("/delegations", "/delegations", role="sharing_lead", delegate=deputy.username, reason="", **days)
    assert late.status_code in (409, 422)
    assert deputy.username in late.text
    given = {"role": "sharing_lead", "delegate": deputy.username, "reason": "出差", **days}
    assert lead.send("/delegations", "/delegations", **given).status_code == 303
    assert deputy.display_name in unescape(lead.get("/delegations").text)
    agreed = act("deputy", request_id, "agreed", comment="照准")
    assert f"{deputy.display_name}（代{town.people['lead'].actor.display_name}）" in agreed
    [running] = [each for each in town.people["lead"].client.get("/api/v1/delegations").json() if each["may_revoke"]]
    ended = lead.send("/delegations", "/delegations/revocation", delegation_id=running["id"])
    assert ended.status_code == 303, unescape(ended.text)
    assert town.city.browser(deputy.username).get(f"/requests/{request_id}").status_code == 404


def test_what_is_under_way_already_is_said_before_it_is_asked_for_again(town: Town, act: Act) -> None:
    entry = town.publish("道路运输经营许可", conditional_sharing())
    form, clerk = f"/requests/new?resource={entry}", town.city.browser(town.people["clerk"].actor.username)
    said = "本部门对这项资源已有没有答复的申请"
    assert said not in unescape(clerk.get(form).text)
    request_id = town.bring_to(entry, *TO_ACCEPTED)
    for who, is_told in (("clerk", True), ("second_clerk", True), ("outside_clerk", False)):
        page = unescape(town.city.browser(town.people[who].actor.username).get(form).text)
        assert (said in page, f"/requests/{request_id}" in page) == (is_told, is_told), who
    assert "已受理，待提供部门答复" in unescape(clerk.get(form).text)
    act("lead", request_id, "refused", reason=REASON)
    assert said not in unescape(clerk.get(form).text)

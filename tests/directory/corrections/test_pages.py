"""The pages of corrections, objections, complaints and ratings, as people use them."""

from typing import Any

import pytest

from tests.directory.access.conftest import TODAY, Town
from tests.directory.conftest import Browser
from tests.directory.corrections.conftest import raised, shown

PDF = b"%PDF-1.7 evidence"


@pytest.fixture(scope="module")
def browser(town: Town, city: Any) -> Any:
    kept: dict[str, Browser] = {}

    def open_for(who: str) -> Browser:
        if who not in kept:
            kept[who] = city.browser(town.people[who].actor.username)
        return kept[who]

    return open_for


def where(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_correction_from_the_entry_to_the_end(town: Town, resource: str, using: str, browser: Any) -> None:
    clerk, lead, reviewer = browser("clerk"), browser("lead"), browser("reviewer")
    assert f"/corrections/new?resource={resource}" in clerk.get(f"/resources/{resource}").text
    assert f"/objections/new?topic=authorisation&amp;about={using}" in clerk.get(f"/requests/{using}").text
    assert f"/objections/new?topic=use&amp;about={using}" in lead.get(f"/requests/{using}").text
    form = f"/corrections/new?resource={resource}"
    bad = clerk.send(form, "/corrections/new", resource=resource, words=" ", record_count="许多", items="xm")
    assert bad.status_code == 422
    assert "请写明哪里不对" in bad.text
    assert "填写大于 0 的整数" in bad.text
    assert 'value="xm" checked' in bad.text
    long = clerk.send(form, "/corrections/new", resource=resource, words="字" * 2001)
    assert "最多 2000 个字，现有 2001 个" in long.text
    at = where(clerk.send(form, "/corrections/new", resource=resource, words="姓名不符", record_keys="K-1", items="xm"))
    upload = {"file": ("材料.pdf", PDF, "application/pdf")}
    token = clerk.get(at).text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = clerk.client.post(f"{at}/papers", data={"csrf_token": token}, files=upload)
    assert where(answer).endswith("#papers")
    page = lead.get(at).text
    assert all(words in page for words in ("K-1", "材料.pdf", "还有", "时限证据单", "已更正", "核实无误"))
    assert f'href="{at}#decide">去办理' in lead.get("/approvals").text
    assert at in lead.get("/").text
    assert at in reviewer.get("/supervision").text
    assert "逐日计算" in lead.get(f"{at}/terms").text
    nothing = lead.send(at, at, to="corrected", comment="已改")
    assert (nothing.status_code, "从哪一天起送出" in nothing.text) == (422, True)
    assert "已改" in nothing.text
    assert lead.send(at, at, comment="x").status_code == 422
    where(lead.send(at, at, to="corrected", comment="已改", corrected_from_on=TODAY.isoformat()))
    assert "本部门已重新取数" in clerk.get(at).text
    assert "#acknowledge" in clerk.get("/").text
    where(clerk.send(at, at, to="acknowledged"))
    assert "已更正，办结" in clerk.get(at).text
    again = clerk.send(form, at, to="acknowledged")
    assert again.status_code == 409
    assert at in clerk.get("/corrections").text


def test_the_told_see_no_words(town: Town, resource: str, using: str, browser: Any) -> None:
    made = raised(town, resource, "outside_clerk", record_keys="K-9", words="只给双方看的话")
    at = f"/corrections/{made['id']}"
    assert browser("clerk").get(at).status_code == 404
    lead = browser("lead")
    where(lead.send(at, at, to="corrected", comment="K-9 已改", corrected_from_on=TODAY.isoformat()))
    page = browser("clerk").get(at).text
    assert "看不到申请的文字" in page
    assert not [each for each in ("K-9", "只给双方看的话") if each in page]


def test_an_objection(town: Town, resource: str, using: str, browser: Any) -> None:
    clerk, lead, own_lead = browser("clerk"), browser("lead"), browser("own_lead")
    form = f"/objections/new?resource={resource}"
    bad = clerk.send(form, "/objections/new", resource="", words="")
    assert bad.status_code == 422
    assert "请选择哪一类异议" in bad.text
    wrong = clerk.send(form, "/objections/new", topic="use", request=using, words="不认可")
    assert (wrong.status_code, "本部门不能就此提出使用异议" in wrong.text) == (409, True)
    gone = clerk.send(form, "/objections/new", topic="catalogue", resource="nowhere", words="不认可")
    assert gone.status_code == 404
    at = where(clerk.send(form, "/objections/new", topic="authorisation", request=using, words="条件过严", wish="放宽"))
    page = lead.get(at).text
    assert all(words in page for words in ("条件过严", "放宽", "协商", "本级人民政府", "没有为异议规定答复期限"))
    bad = lead.send(at, at, to="answered", comment="理由")
    assert (bad.status_code, "没有写明异议是否成立" in bad.text) == (422, True)
    where(lead.send(at, at, to="answered", comment="理由", outcome="partly"))
    where(own_lead.send(at, at, to="settled"))
    assert "接受答复，办结" in clerk.get("/objections").text
    made = raised(town, resource)
    town.people["lead"].client.post(
        f"/api/v1/corrections/{made['id']}/transitions", json={"to": "not_wrong", "comment": "无误"}
    )
    link = f"/objections/new?topic=content&amp;correction={made['id']}"
    assert link in clerk.get(f"/corrections/{made['id']}").text
    form = link.replace("&amp;", "&")
    at = where(clerk.send(form, "/objections/new", topic="content", correction=made["id"], words="仍不对"))
    assert f"/corrections/{made['id']}" in lead.get(at).text
    assert "条例未规定期限" in lead.get(f"{at}/terms").text


def test_a_complaint(town: Town, browser: Any) -> None:
    clerk, lead, reviewer, approver = (browser(who) for who in ("clerk", "lead", "reviewer", "approver"))
    assert "/complaints" in clerk.get("/").text
    bad = clerk.send("/complaints/new", "/complaints/new", words="")
    assert (bad.status_code, "请选择反映什么" in bad.text) == (422, True)
    at = where(clerk.send("/complaints/new", "/complaints/new", topic="misuse", words="被反映的原文"))
    assert lead.get(at).status_code == 404
    where(reviewer.send(at, at, to="accepted"))
    empty = reviewer.send(at, at, to="assigned", comment="请查")
    assert (empty.status_code, "没有选择要转给哪个部门" in empty.text) == (422, True)
    where(reviewer.send(at, at, to="assigned", comment="请核查日志", to_org=town.orgs["provider"]))
    page = lead.get(at).text
    name = town.people["clerk"].actor.display_name
    assert "请核查日志" in page
    assert not [each for each in ("被反映的原文", name) if each in page.replace(name + "</span>", "")]
    where(lead.send(at, at, to="reported", comment="已查"))
    assert at in approver.get("/approvals").text
    where(approver.send(at, at, to="answered", comment="已处理"))
    assert "已处理" in clerk.get(at).text
    early = reviewer.send("/complaints/paper", "/complaints/paper", topic="other", words="来信", received_on="哪天")
    assert (early.status_code, "请填写收到日期" in early.text) == (422, True)
    late = reviewer.send(
        "/complaints/paper", "/complaints/paper", topic="other", words="来信", received_on="2999-01-01"
    )
    assert late.status_code == 422
    day = TODAY.isoformat()
    where(reviewer.send("/complaints/paper", "/complaints/paper", topic="other", words="来信", received_on=day))
    assert f"{TODAY.year} 年统计" in approver.get("/complaints").text
    assert "年统计" not in clerk.get("/complaints").text


def test_a_rating(town: Town, resource: str, using: str, browser: Any) -> None:
    clerk, lead, approver = browser("clerk"), browser("lead"), browser("approver")
    at = f"/resources/{resource}/ratings"
    bad = clerk.send(at, f"/ratings/{using}", quality="9", timeliness="1", usefulness="")
    assert (bad.status_code, "1 至 5 分" in bad.text) == (422, True)
    marks = {"quality": "5", "timeliness": "4", "usefulness": "5"}
    where(clerk.send(at, f"/ratings/{using}", **marks, words="很好用"))
    where(clerk.send(at, f"/ratings/{using}", **marks | {"quality": "3"}, words="缺住址"))
    assert "改过 1 次" in lead.get(at).text
    where(lead.send(at, f"/ratings/{using}/notes", act="answered", words="正在补"))
    where(approver.send(at, f"/ratings/{using}/notes", act="hidden", words="写了个人信息"))
    page = lead.get(at).text
    assert "缺住址" not in page
    assert "文字已由信息办隐去" in page
    assert lead.get(at).status_code == 200
    assert "只列件数，不算平均" in clerk.get(f"/resources/{resource}").text
    none = lead.send(f"/resources/{resource}", f"/ratings/{using}/notes", act="answered", words="x")
    assert none.status_code == 409


def test_what_is_seen_is_what_the_api_says(town: Town, resource: str, browser: Any) -> None:
    made = raised(town, resource)
    page = browser("lead").get(f"/corrections/{made['id']}").text
    for act in shown(town, "lead", made["id"])["acts"]:
        assert f'value="{act}"' in page

"""The form over HTTP, as a browser without script sends it: new entries, errors, two hands, versions, assessments."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from directory.roles import Role
from tests.directory.conftest import PASSWORD, Browser
from tests.directory.editing.conftest import Fields, fill

Press = Callable[..., Any]


def location(answer: Any) -> str:
    assert answer.status_code == 303, unescape(answer.text)[:3000]
    return str(answer.headers["location"])


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, unescape(answer.text)[:3000]
    return unescape(answer.text)


def current(person: Any, ref: str) -> dict[str, Any]:
    shown: dict[str, Any] = person.client.get(f"/api/v1/resources/{ref}").json()
    return shown


def test_a_new_entry_from_a_template_keeps_what_was_typed_until_it_is_right(
    department: Any, browser: Any, press: Press
) -> None:
    editor = browser(department.editor)
    chosen = text(editor.get("/resources/new"))
    assert all(label in chosen for label in ("人口", "法人单位", "空间地理", "统计", "空白"))
    page = "/resources/new?library=legal_person"
    typed = {"abstract": "<b>本市企业</b>", "items[0].length": "18位", "extent.scale": "一万"}
    refused = press(editor, page, typed)
    shown = text(refused, 422)
    assert "没有保存，请先改正 3 处" in shown
    assert shown.count('aria-invalid="true"') == 3
    assert re.search(r'name="title"[^>]*autofocus', shown)
    sent = dict(Fields(refused.text).sent)
    assert (sent["abstract"], sent["items[0].length"], sent["extent.scale"]) == ("<b>本市企业</b>", "18位", "一万")
    assert "<b>本市企业</b>" not in refused.text
    assert sent["library"] == "legal_person"
    form = fill(refused.text, {"title": "企业登记", "items[0].length": "18", "extent.scale": "", "do": "check"})
    made = location(editor.client.post("/resources/new", data=form))
    assert made.endswith("edit?done=registered&check=1#lacks")
    again = location(editor.client.post("/resources/new", data=form))
    assert again.partition("?")[0] == made.partition("?")[0], "the same form sent twice is one entry"
    checked = text(editor.get(made.partition("#")[0]))
    assert "发布前还缺什么" in checked
    assert '<a href="#sharing.share_type">缺少共享属性' in checked
    ref = made.split("/")[2]
    assert current(department.editor, ref)["record"]["abstract"] == "<b>本市企业</b>"


def test_editing_keeps_what_the_form_does_not_show(department: Any, browser: Any, press: Press) -> None:
    ref = department.register(title="企业", online_links=["http://a.example/1"])["id"]
    department.assess(ref)
    before = current(department.editor, ref)
    editor = browser(department.editor)
    assert location(press(editor, f"/resources/{ref}/edit", {})).endswith("done=same")
    assert current(department.editor, ref)["version"] == before["version"]
    assert location(press(editor, f"/resources/{ref}/edit", {"data_class": "企业信息"})).endswith("done=saved")
    after = current(department.editor, ref)
    assert after["record"] | {"data_class": "", "updated_on": ""} == before["record"] | {
        "data_class": "",
        "updated_on": "",
    }


def test_rows_are_moved_pasted_and_removed_before_anything_is_saved(
    department: Any, browser: Any, press: Press
) -> None:
    ref = department.register()["id"]
    editor, page = browser(department.editor), f"/resources/{ref}/edit"
    moved = press(editor, page, {"abstract": "改过的摘要"}, "items:down:0")
    assert "改过的摘要" in text(moved)
    assert [value for name, value in Fields(moved.text).sent if name.endswith(".field")] == ["name", "uscc"]
    refused = press(editor, page, {"paste:items": "甲\tjia\t图像"}, "items:paste")
    assert "第 1 行“数据类型”的“图像”看不懂" in text(refused, 422)
    assert dict(Fields(refused.text).sent)["paste:items"] == "甲\tjia\t图像"
    pasted = press(editor, page, {"paste:items": "字段名\t名称\ndjjg\t登记机关", "abstract": "改过"}, "items:paste")
    assert "已粘贴 1 行" in text(pasted)
    assert current(department.editor, ref)["version"] == 1
    saved = editor.client.post(page, data=fill(pasted.text, {"do": "save"}))
    assert location(saved).endswith("done=saved")
    items = current(department.editor, ref)["record"]["items"]
    assert [item["field"] for item in items] == ["uscc", "name", "djjg"]


def test_what_the_directory_refuses_stands_beside_its_field(department: Any, browser: Any, press: Press) -> None:
    ref = department.register()["id"]
    editor, page = browser(department.editor), f"/resources/{ref}/edit"
    refused = press(editor, page, {"items[1].field": "uscc", "extent.region_code": "33x", "secrecy": "国家秘密"})
    shown = unescape(refused.text)
    assert refused.status_code == 400
    assert 'id="items[1].field-error">字段名“uscc”重复' in shown
    assert 'id="extent.region_code-error"' in shown
    assert 'id="secrecy-error"' in shown
    unknown = press(editor, page, {"library": "atlantis"})
    assert unknown.status_code in {400, 404, 422}
    assert "atlantis" in unknown.text
    assert current(department.editor, ref)["version"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"identifier": "33001/1"},
        {"items[0].colour": "红"},
        {"title": "\x00"},
        {"version": "x"},
        {"abstract": "长" * 200_000},
        {"items[9999].name": "名", "items[9999].field": "m"},
        {"do": "items:remove:7777"},
        {"do": "colours:add"},
        {"items[0].was": "-1"},
    ],
)
def test_hostile_forms_are_refused_or_harmless(
    department: Any, browser: Any, press: Press, changes: dict[str, str]
) -> None:
    ref = department.register()["id"]
    editor = browser(department.editor)
    do = changes.pop("do", "save")
    answer = press(editor, f"/resources/{ref}/edit", changes, do)
    assert answer.status_code < 500
    if answer.status_code != 303:
        assert "UNEXPECTED" not in answer.text


def test_two_editors_lose_nothing(department: Any, browser: Any, press: Press) -> None:
    ref = department.register()["id"]
    page, own = f"/resources/{ref}/edit", browser(department.editor)
    opened = own.get(page).text
    changes = {"abstract": "同事的摘要", "source_system": "登记系统"}
    location(press(browser(department.colleague), page, changes))
    form = fill(opened, {"abstract": "我的摘要", "data_class": "企业信息", "do": "save"})
    both = own.client.post(page, data=form, headers={"accept": "text/html"})
    shown = text(both, 412)
    assert f"{department.colleague.actor.display_name} 在您编辑期间保存了第 2 版" in shown
    sent = dict(Fields(both.text).sent)
    assert (sent["abstract"], sent["source_system"], sent["data_class"]) == ("我的摘要", "登记系统", "企业信息")
    assert "同事的摘要" in shown
    assert current(department.editor, ref)["version"] == 2
    saved = own.client.post(page, data=fill(both.text, {"do": "save"}))
    assert location(saved).endswith("done=saved")
    record = current(department.editor, ref)["record"]
    assert (record["abstract"], record["source_system"], record["data_class"]) == ("我的摘要", "登记系统", "企业信息")
    again = own.client.post(page, data=form, headers={"accept": "text/html"})
    assert again.status_code in {303, 412}


def test_who_may_edit(department: Any, office: Any, city: Any, browser: Any, move: Any) -> None:
    ref = department.register()["id"]
    for person in (department.head, office.reviewer):
        refused = browser(person).get(f"/resources/{ref}/edit")
        assert refused.status_code == 403
    other = city.person(city.organisation(), Role.EDITOR)
    assert browser(other).get(f"/resources/{ref}/edit").status_code == 404
    move(department.head, ref, "head_approved")
    waiting = browser(department.editor).get(f"/resources/{ref}/edit")
    assert "STATUS_FORBIDS" in text(waiting, 409)
    assert browser(department.head).get("/resources/new").status_code == 403
    chosen = text(browser(office.reviewer).get("/resources/new"))
    assert department.editor.actor.org_name in chosen, "the office may register for any department"


def test_an_entry_is_copied_to_a_new_draft(department: Any, browser: Any) -> None:
    ref = department.register()["id"]
    editor = browser(department.editor)
    made = location(editor.send(f"/resources/{ref}", f"/resources/{ref}/copy"))
    assert made.endswith("edit?done=copied")
    assert "已复制为新的草稿" in text(editor.get(made))


def test_versions_are_listed_compared_and_restored(department: Any, browser: Any, press: Press, city: Any) -> None:
    ref = department.register(title="第一个名称")["id"]
    editor = browser(department.editor)
    location(press(editor, f"/resources/{ref}/edit", {"title": "第二个名称", "items[1].length": "300"}))
    listed = text(editor.get(f"/resources/{ref}/versions"))
    assert "第一个名称" in listed
    assert f"{department.editor.actor.display_name} 修改" in listed
    compared = text(editor.get(f"/resources/{ref}/diff?from=1&to=2"))
    assert "<del>第一个名称</del>" in compared
    assert "<ins>第二个名称</ins>" in compared
    assert "企业名称”的长度" in compared
    assert editor.get(f"/resources/{ref}/diff?from=1&to=9").status_code == 404
    restored = editor.send(f"/resources/{ref}/versions", f"/resources/{ref}/restore", version="1", expected="2")
    assert location(restored).endswith("done=restored")
    shown = current(department.editor, ref)
    assert (shown["version"], shown["record"]["title"]) == (3, "第一个名称")
    late = editor.send(f"/resources/{ref}/versions", f"/resources/{ref}/restore", version="1", expected="2")
    assert "VERSION_CHANGED" in text(late, 412)
    assert browser(city.person(city.organisation(), Role.EDITOR)).get(f"/resources/{ref}/versions").status_code == 404


def test_assessments_are_recorded_and_marked_when_void(department: Any, browser: Any, press: Press) -> None:
    ref = department.register()["id"]
    editor, page = browser(department.editor), f"/resources/{ref}/assess"
    wrong = press(editor, page, {"conclusion": " ", "assessed_on": "明天"})
    shown = text(wrong, 422)
    assert "没有登记，请改正 4 处" in shown
    assert 'value="明天"' in shown
    tomorrow = press(
        editor, page, {"kind": "secrecy", "conclusion": "可", "assessed_on": "2999-01-01", "is_passed": "yes"}
    )
    assert "评估日期晚于今天" in text(tomorrow, 422)
    filled = {"kind": "secrecy", "conclusion": "可以共享", "is_passed": "yes"}
    assert location(press(editor, page, filled)).endswith("assess?done=secrecy")
    opened = editor.get(page).text
    assert "可以共享" in opened
    location(press(editor, f"/resources/{ref}/edit", {"items[1].length": "300"}))
    assert "已失效" in text(editor.get(page))
    stale = editor.client.post(page, data=fill(opened, filled), headers={"accept": "text/html"})
    assert "VERSION_CHANGED" in text(stale, 412)
    assert "可以共享</textarea>" in stale.text
    assert browser(department.head).get(page).status_code == 403


def test_an_entry_is_returned_with_a_reason_for_each_field(
    department: Any, office: Any, browser: Any, press: Press, move: Any
) -> None:
    ref = department.register()["id"]
    department.assess(ref)
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    reviewer, page = browser(office.reviewer), f"/resources/{ref}/return"
    empty = press(reviewer, page, {})
    assert "COMMENT_REQUIRED" in text(empty, 409)
    long = press(reviewer, page, {"remark:abstract": "长" * 3000})
    assert "FORM_TEXT_LONG" in text(long, 422)
    assert "长" * 3000 in long.text
    reasons = {"remark:abstract": "太短<b>", "remark:items[1]": "长度不对"}
    assert location(press(reviewer, page, reasons)).startswith("/resources/")
    editor = browser(department.editor)
    shown = text(editor.get(f"/resources/{ref}/edit"))
    assert "这条目录被退回，有 2 条意见" in shown
    assert "<b>退回意见</b> 太短<b>" in shown
    moved = press(editor, f"/resources/{ref}/edit", {}, "items:up:1")
    assert '<a href="#items[0]">第 1 个数据项</a>：长度不对' in text(moved)
    location(editor.client.post(f"/resources/{ref}/edit", data=fill(moved.text, {"do": "save"})))
    assert '<a href="#items[0]">' in text(editor.get(f"/resources/{ref}/edit"))
    assert "退回时的意见，2 条" in text(editor.get(f"/resources/{ref}"))
    assert browser(department.editor).get(page).status_code == 403
    forged = press(reviewer, page, {"remark:nothing": "x"})
    assert forged.status_code in {400, 403, 409, 422}


def test_the_entrys_page_shows_what_the_record_holds_and_leads_on(department: Any, browser: Any) -> None:
    draft = department.draft(data_class="企业信息", source_system="登记系统", volumes={"stored_gb": "12.5"})
    draft["items"][1] |= {"unit": "家", "base_item": "legal_person/org_name", "data_class": "名称类"}
    draft["extent"] = {"scale": 10_000, "crs": "EPSG:4490"}
    ref = department.editor.client.post("/api/v1/resources", json=draft).json()["id"]
    shown = text(browser(department.editor).get(f"/resources/{ref}"))
    for words in ("企业信息", "登记系统", "12.5", "单位：家", "legal_person/org_name", "名称类", "1:10000"):
        assert words in shown
    for way in ("edit", "assess", "versions", "copy"):
        assert f"/{way}" in shown
    head = text(browser(department.head).get(f"/resources/{ref}"))
    assert "/edit" not in head


def test_a_session_that_ended_meanwhile_costs_nothing_typed(department: Any, city: Any, press: Press) -> None:
    ref = department.register()["id"]
    page = f"/resources/{ref}/edit"
    editor = city.browser(department.editor.actor.username)
    opened = editor.get(page).text
    elsewhere = city.client()
    elsewhere.cookies.update(editor.client.cookies)
    assert location(Browser(elsewhere).send("/", "/logout")) == "/login"  # the session is over; the page does not know
    form = fill(opened, {"abstract": "写了半小时的“摘要”<b>\r\n第二行", "do": "save"})
    refused = editor.client.post(page, data=form, headers={"accept": "text/html"})
    assert "登录已过期" in text(refused, 401)
    assert current(department.editor, ref)["version"] == 1
    signing_in = {"username": department.editor.actor.username, "password": "错"}
    wrong = editor.client.post("/login", data=fill(refused.text, signing_in))
    assert wrong.status_code == 401
    again = editor.client.post("/login", data=fill(wrong.text, signing_in | {"password": PASSWORD}))
    assert "接着提交刚才的内容" in text(again)
    assert "<b>" not in Fields(again.text).sent[0][1]
    assert location(editor.client.post(page, data=fill(again.text, {}))).endswith("done=saved")
    assert current(department.editor, ref)["record"]["abstract"] == "写了半小时的“摘要”<b>\n第二行"


def test_an_assessment_takes_its_file(department: Any, browser: Any, press: Press) -> None:
    ref = department.register()["id"]
    editor, page = browser(department.editor), f"/resources/{ref}/assess"
    opened = editor.get(page).text
    assert 'enctype="multipart/form-data"' in opened
    filled = fill(opened, {"kind": "secrecy", "conclusion": "可以共享", "is_passed": "yes", "file": None})
    html = {"accept": "text/html"}
    wrong = editor.client.post(page, data=filled, files={"file": ("a.html", b"<html>")}, headers=html)
    assert 'id="file-error"' in text(wrong, 422)
    assert "可以共享</textarea>" in wrong.text
    assert "须重新选择" in wrong.text
    none_chosen = editor.client.post(page, data=filled, files={"file": ("", b"")}, headers=html)
    assert location(none_chosen).endswith("done=secrecy"), "a browser sends an empty part where nothing was chosen"
    opened = editor.get(page).text
    filled = fill(opened, {"kind": "secrecy", "conclusion": "可以共享", "is_passed": "yes", "file": None})
    sent = editor.client.post(page, data=filled, files={"file": ("<b>表.pdf", b"%PDF-1.7")}, headers=html)
    assert location(sent).endswith("done=secrecy")
    for address in (page, f"/resources/{ref}"):
        shown = editor.get(address).text
        links = re.findall(r'href="([^"]*assessments/[^"]*)"', shown)
        assert [each.rpartition("assessments/")[2] for each in links] == ["2/file"]
        assert "&lt;b&gt;表.pdf" in shown
    kept = editor.get(links[0])
    assert (kept.status_code, kept.content) == (200, b"%PDF-1.7")
    assert kept.headers["content-disposition"].startswith("attachment;")

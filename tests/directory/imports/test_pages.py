"""The pages of an import, as a department's editor walks through them; nothing typed is lost on the way."""

import html
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

Book = Callable[..., bytes]


@pytest.fixture
def browser(city: Any, department: Any) -> Any:
    return city.browser(department.editor.actor.username)


def upload(browser: Any, data: bytes, name: str = "目录.xlsx") -> Any:
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', browser.get("/imports").text)
    assert token
    return browser.client.post(
        "/imports", files={"file": (name, data)}, data={"csrf_token": token[1]}, headers={"accept": "text/html"}
    )


def text_of(answer: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.text))


def fields(answer: Any, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', answer.text)


def test_without_a_file_it_says_so(browser: Any) -> None:
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', browser.get("/imports").text)
    assert token
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'  # as browsers send it, and no library does
    parts = (part.format("csrf_token", "", token[1]), part.format("file", '; filename=""', ""))
    answer = browser.client.post(
        "/imports",
        content="".join(f"--x\r\n{each}" for each in parts) + "--x--\r\n",
        headers={"accept": "text/html", "content-type": "multipart/form-data; boundary=x"},
    )
    assert (answer.status_code, "还没有选文件" in answer.text) == (422, True), answer.text


def test_from_the_file_to_drafts_and_back(browser: Any, department: Any, book: Book) -> None:
    first = upload(browser, book(department.row("桥梁"), department.row("旧的")))
    assert first.headers["location"].endswith("/mapping")
    place = first.headers["location"].removesuffix("/mapping")
    page = browser.get(f"{place}/mapping")
    assert "对应各列" in page.text
    assert "selected>信息资源名称</option>" in page.text
    sent = browser.send(f"{place}/mapping", f"{place}/mapping")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{place}/check")
    checked = browser.get(f"{place}/check")
    assert "2 行都没有问题" in text_of(checked)
    assert "目前什么都没有写入目录" in text_of(checked)
    preview = browser.get(f"{place}/preview")
    assert "新增 2 条" in text_of(preview)
    tried = browser.send(f"{place}/preview", f"{place}/run", do="try", scope="all")
    assert "试导入：将新增 2 条" in text_of(tried)
    done = browser.send(f"{place}/preview", f"{place}/run", do="run", scope="all")
    assert done.headers["location"] == f"{place}/result"
    result = browser.get(f"{place}/result")
    assert "新增 2 条草稿" in text_of(result)
    assert browser.get(re.findall(r'href="(/resources/[0-9a-f-]{36})"', result.text)[0]).status_code == 200
    assert browser.get(place).headers["location"] == f"{place}/result"
    for gone in ("check", "preview"):
        assert browser.get(f"{place}/{gone}").headers["location"] == f"{place}/result"
    undone = browser.send(f"{place}/result", f"{place}/undo")
    assert undone.headers["location"] == f"{place}/result"
    assert "作废草稿 2 条" in text_of(browser.get(f"{place}/result"))


def test_a_cell_is_mended_on_the_page(browser: Any, department: Any, book: Book) -> None:
    place = upload(browser, book(department.row("水库", cycle="有空就更新"), department.row("好的"))).headers[
        "location"
    ]
    place = place.removesuffix("/mapping")
    browser.send(f"{place}/mapping", f"{place}/mapping")
    checked = browser.get(f"{place}/check")
    assert "1 行须您改" in text_of(checked)
    assert "有空就更新" in checked.text
    numbers = fields(checked, "cell")
    refused = browser.send(f"{place}/preview", f"{place}/run", do="run", scope="all")
    assert (refused.status_code, "1 处单元格须先改" in text_of(refused)) == (409, True)
    again = browser.send(f"{place}/check", f"{place}/repairs")
    assert "没有选中" in text_of(again)
    must = fields(browser.get(f"{place}/cells?of=broken"), "cell")
    assert must[0] in numbers
    form = {"of": "broken", "cell": must[0], f"was-{must[0]}": "", f"after-{must[0]}": "每月"}
    kept = browser.send(f"{place}/cells?of=broken", f"{place}/cells", do="keep", **form)
    assert fields(browser.get(kept.headers["location"]), f"after-{must[0]}") == ["每月"]
    browser.send(f"{place}/cells?of=broken", f"{place}/cells", do="apply", **form)
    assert "2 行都没有问题" in text_of(browser.get(f"{place}/check"))
    repaired = browser.get(f"{place}/workbook/repaired")
    assert openpyxl.load_workbook(io.BytesIO(repaired.content))["目录"]["D2"].value == "每月"


def test_what_was_chosen_stays_when_the_columns_are_refused(browser: Any, department: Any, book: Book) -> None:
    place = upload(browser, book(department.row("甲"))).headers["location"]
    sent = browser.send(place, place, **{"column-0-0": "", "column-0-2": "keywords"})
    assert (sent.status_code, "缺：信息资源名称" in text_of(sent)) == (400, True)
    assert '<option value="keywords" selected>' in sent.text
    assert 'value="title" selected' not in sent.text


def test_differences_are_ticked_and_kept(browser: Any, department: Any, book: Book) -> None:
    department.post(department.checked(book(department.row("隧道"))), "run")
    made = department.checked(book(department.row("隧道", "新的摘要")))
    place = f"/imports/{made['id']}"
    page = browser.get(f"{place}/preview?of=different")
    assert "<del>有哪些数据</del> <ins>新的摘要</ins>" in page.text
    browser.send(f"{place}/preview", f"{place}/choices", of="different", entry="1", pick="1")
    assert 'value="1" checked' in browser.get(f"{place}/preview").text
    browser.send(f"{place}/preview", f"{place}/choices", of="different", entry="1")
    assert 'value="1" checked' not in browser.get(f"{place}/preview").text
    done = browser.send(f"{place}/preview", f"{place}/run", do="run", scope="all", entry="1", pick="1")
    assert done.status_code == 303
    assert "第 1 版 → 第 2 版" in text_of(browser.get(f"{place}/result"))


def test_a_refused_file_is_named_and_nothing_is_kept(browser: Any, department: Any) -> None:
    for name, data, code in (
        ("文本.xlsx", "不是工作簿".encode(), "FILE_NOT_WORKBOOK"),
        ("空.csv", b"", "FILE_EMPTY"),
        ("只有表头.csv", "资源名称,来源部门\n".encode(), "IMPORT_EMPTY"),
        ("实体.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "XML_FORBIDDEN"),
        ("太大.csv", "资源名称,来源部门\n".encode() + b"," * (21 << 20), "FILE_TOO_LARGE"),
    ):
        answer = upload(browser, data, name)
        assert (400 <= answer.status_code < 500, code in answer.text, name in answer.text) == (True, True, True), name
    assert department.editor.client.get("/api/v1/imports").json() == []


def test_a_check_under_way_shows_how_far_it_is(city: Any, browser: Any, department: Any, book: Book) -> None:
    """Whoever only looks on drives nothing: each look shows the progress and asks to be fetched again."""
    made = department.upload(book(department.row("慢")))
    department.post(made, "mapping")
    head = city.browser(department.head.actor.username)
    for _ in range(2):
        page = head.get(f"/imports/{made['id']}/check")
        assert ('http-equiv="refresh"' in page.text, "正在检查" in page.text) == (True, True)
    assert (
        'http-equiv="refresh"' not in browser.get(f"/imports/{made['id']}/check").text
    )  # the editor's look is the work
    assert 'http-equiv="refresh"' not in head.get(f"/imports/{made['id']}/check").text


def test_others_see_no_import_and_heads_only_look(city: Any, department: Any, book: Book) -> None:
    made = department.checked(book(department.row("自己的")))
    place = f"/imports/{made['id']}"
    stranger = city.browser(city.person(city.organisation(), *department.editor.actor.roles).actor.username)
    head = city.browser(department.head.actor.username)
    for step in ("mapping", "check", "cells", "preview", "result", "workbook/original"):
        assert stranger.get(f"{place}/{step}").status_code == 404
        assert head.get(f"{place}/{step}").status_code in {200, 303}
    assert "导入为草稿</button>" not in head.get(f"{place}/preview").text
    assert stranger.get("/imports").status_code == 200
    assert made["file_name"] not in stranger.get("/imports").text


def test_given_up_on_the_page(browser: Any, department: Any, book: Book) -> None:
    made = department.checked(book(department.row("不要")))
    place = f"/imports/{made['id']}"
    assert browser.send(f"{place}/check", f"{place}/discard").headers["location"] == "/imports"
    assert "已放弃" in browser.get("/imports").text


def test_what_a_document_says_and_no_entry_is_shown_without_a_field_to_fill(browser: Any, department: Any) -> None:
    dc = "http://purl.org/dc/elements/1.1/"
    inside = f'<title xmlns="{dc}">水文</title><publisher xmlns="{dc}">{department.name}</publisher>'
    data = f'<dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/">{inside}<rights xmlns="{dc}">内部</rights></dc>'
    first = upload(browser, data.encode(), "一份.xml")
    place = first.headers["location"].rpartition("/")[0]
    checked = browser.get(f"{place}/check")
    assert "未采用" in text_of(checked)
    assert "rights“内部”" in text_of(checked)
    listed = browser.get(f"{place}/cells?of=doubtful")
    assert (listed.status_code, "一份.xml 第 1 行" in text_of(listed)) == (200, True)
    assert 'name="after-' not in checked.text + listed.text
    done = browser.send(f"{place}/preview", f"{place}/run", do="run", scope="all")
    assert done.headers["location"].endswith("/result")


def test_the_page_offers_to_leave_broken_cells_empty(browser: Any, department: Any, book: Book) -> None:
    first = upload(browser, book(department.row("好桥"), department.row("坏桥", cycle="有空就更新")))
    place = first.headers["location"].removesuffix("/mapping")
    browser.send(f"{place}/mapping", f"{place}/mapping")
    browser.get(f"{place}/check")
    refused = browser.send(f"{place}/preview", f"{place}/run", do="run", scope="all")
    assert "1 条目录没有问题；有 1 处单元格须先改" in text_of(refused)
    assert "只要没有问题的 1 条：选“只导入没有问题的”" in text_of(refused)
    done = browser.send(f"{place}/preview", f"{place}/run", do="run", scope="all", without="1")
    assert done.headers["location"].endswith("/result")
    assert "坏桥" in text_of(browser.get(f"{place}/result?of=added"))


def test_of_many_that_are_refused_the_page_shows_some_and_says_where_the_others_are(
    browser: Any, department: Any, book: Book
) -> None:
    rows = [department.row(f"坏{number}号桥", cycle="有空就更新") for number in range(30)]
    first = upload(browser, book(department.row("好桥"), *rows))
    place = first.headers["location"].removesuffix("/mapping")
    browser.send(f"{place}/mapping", f"{place}/mapping")
    browser.get(f"{place}/check")
    tried = browser.send(f"{place}/preview", f"{place}/run", do="try", scope="all")
    assert "还有 20 条：逐页看不能导入的，或下载标好的工作簿" in text_of(tried)
    assert f'href="{place}/preview?of=refused"' in tried.text
    assert "1 条；其余留在文件里" in text_of(tried)
    assert "有 30 条有问题" in text_of(tried)

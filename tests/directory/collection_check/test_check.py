"""A planned form field by field: what there is, where and how to have it, whatever way the form comes."""

import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete

from directory.collection_check.check import fields_of
from directory.collection_check.fields import fields_of_text
from directory.item_match import queries
from directory.item_match.compare import Wanted
from directory.item_match.keep import catch_up
from directory.item_match.models import HeldEntry
from directory.roles import Role
from tests.directory.access.conftest import ITEMS, Town, conditional_sharing, refused

CHECKS = "/api/v1/collection-checks"


@pytest.fixture(scope="module")
def checked(town: Town, resource: str) -> dict[str, Any]:
    """A form of the requester's with a field of every verdict."""
    town.publish(
        "监所在押人员", _shut(), items=(ITEMS[0].model_copy(update={"name": "在押编号", "field": "zybh"}),), mounts=()
    )
    town.register(
        "草稿里的目录",
        conditional_sharing(),
        items=(*ITEMS, ITEMS[0].model_copy(update={"name": "只在草稿", "field": "cg"})),
    )
    body = {
        "title": "灵活就业人员调查表",
        "purpose": "就业补贴",
        "fields": [
            {"name": "身份证号"},
            {"name": "在押编号"},
            {"name": "居住登记日期"},
            {"name": "月收入"},
            {"name": "行政区划"},
            {"name": "只在草稿"},
        ],
    }
    answer = town.people["clerk"].client.post(CHECKS, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _shut() -> Any:
    basis = conditional_sharing().legal_basis
    return conditional_sharing(share_type="none", legal_basis=basis, refusal_reasons=("法律规定",), method_types=())


def test_every_field_is_told_what_there_is_and_what_to_do(checked: dict[str, Any], resource: str) -> None:
    verdicts = {each["name"]: each["verdict"] for each in checked["fields"]}
    assert verdicts == {
        "身份证号": "obtainable",
        "在押编号": "closed",
        "居住登记日期": "possible",
        "月收入": "new",
        "行政区划": "obtainable",
        "只在草稿": "new",
    }
    first = checked["fields"][0]
    assert (first["best"]["resource_id"], first["best"]["how"]) == (resource, "有条件共享")
    assert "示例市公安局" in first["advice"]
    assert "第十九条" in first["advice"]
    assert "公民身份号码" in first["best"]["reason"]
    assert (checked["field_count"], checked["held_count"]) == (6, 2)


def test_ones_own_data_are_not_asked_for_elsewhere(town: Town, checked: dict[str, Any]) -> None:
    answer = town.people["editor"].client.post(CHECKS, json={"title": "表", "fields": [{"name": "姓名"}]})
    [found] = answer.json()["fields"]
    assert (found["verdict"], "本部门" in found["advice"]) == ("own", True)


def test_the_record_stays_and_is_seen_by_its_department_and_the_office(
    town: Town, checked: dict[str, Any], city: Any
) -> None:
    at = f"{CHECKS}/{checked['id']}"
    for who in ("clerk", "own_lead", "reviewer", "auditor"):
        assert town.people[who].client.get(at).json() == checked, who
    for who in ("outside_clerk", "lead"):
        assert refused(town.people[who].client.get(at), 404, "COLLECTION_NOT_FOUND")
        assert refused(town.people[who].client.get(f"{at}/export"), 404, "COLLECTION_NOT_FOUND")
        assert checked["id"] not in [each["id"] for each in town.people[who].client.get(CHECKS).json()]
    head = city.person(town.orgs["requester"], Role.DEPARTMENT_HEAD)
    answer = head.client.post(CHECKS, json={"title": "表", "fields": [{"name": "姓名"}]})
    assert refused(answer, 403, "FORBIDDEN")


def test_the_report_is_a_workbook_without_formulas(town: Town) -> None:
    clerk = town.people["clerk"].client
    made = clerk.post(CHECKS, json={"title": "=A1", "fields": [{"name": "=HYPERLINK(1)"}, {"name": "@姓名"}]}).json()
    book = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{CHECKS}/{made['id']}/export").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "=HYPERLINK(1)" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)


def test_a_form_comes_as_lines_or_as_a_file(town: Town) -> None:
    pasted = "1. 姓名\n2、身份证号\tsfzhm\n\n姓名\n- 联系电话，手机\n（三）"
    assert fields_of_text(pasted) == [
        Wanted("姓名"),
        Wanted("身份证号", "sfzhm"),
        Wanted("联系电话"),
    ]
    clerk = town.people["clerk"].client
    listed = openpyxl.Workbook()
    for row in (["调查表采集项"], ["序号", "数据项名称", "英文名"], [1, "姓名", "xm"], [2, "民族", ""], [3, None, "x"]):
        listed.active.append(row)
    headed = openpyxl.Workbook()
    for row in (["灵活就业人员调查表"], ["姓名", "身份证号", "月收入"], ["张三", "x", "y"]):
        headed.active.append(row)
    for book, names in ((listed, ["姓名", "民族"]), (headed, ["姓名", "身份证号", "月收入"])):
        stream = io.BytesIO()
        book.save(stream)
        files = {"file": ("表.xlsx", stream.getvalue())}
        answer = clerk.post(f"{CHECKS}/file", data={"title": "调查表"}, files=files)
        assert [each["name"] for each in answer.json()["fields"]] == names
    for data, name in ((b"\x00\x01", "表.xlsx"), (b"", "空.csv"), ("一个\n".encode(), "单.csv")):
        answer = clerk.post(f"{CHECKS}/file", data={"title": "调查表"}, files={"file": (name, data)})
        assert refused(answer, 400, "COLLECTION_INVALID"), answer.text


def _book(*sheets: list[list[Any]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("sheets", "names"),
    [
        ([[["封面"]], [["指标名称"], ["人口"]], [["序号", "指标名称"], [1, "户数"]]], ["人口", "户数"]),
        (
            [[["登记表"], ["基本信息", None, "联系方式"], ["姓名", "性别", "电话", "住址"]]],
            ["姓名", "性别", "电话", "住址"],
        ),
        (
            [[["登记卡"], ["姓名", None, "性别"], ["电话", None, "住址"], ["备注"]]],
            ["姓名", "性别", "电话", "住址", "备注"],
        ),
        (
            [[["采集项"], ["姓名"], ["合计"], ["备注"], ["电话"], ["填表人：某人"], ["备注：每月报送"]]],
            ["姓名", "合计", "备注", "电话"],
        ),
    ],
)
def test_no_field_of_a_form_is_passed_over(sheets: list[list[list[Any]]], names: list[str]) -> None:
    assert [each.name for each in fields_of("", _book(*sheets), "表.xlsx")] == names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le"])
def test_a_text_is_read_in_the_encoding_that_it_is_in(encoding: str) -> None:
    text = "（1）姓名\r\n②身份证号\r\n三、开户一览\r\n"
    assert [each.name for each in fields_of("", text.encode(encoding), "表.txt")] == ["姓名", "身份证号", "开户一览"]


def test_one_line_may_hold_all_fields() -> None:
    assert [each.name for each in fields_of_text("姓名、身份证号，电话；住址")] == ["姓名", "身份证号", "电话", "住址"]
    assert [each.name for each in fields_of_text("联系人（姓名、电话），住址")] == ["联系人（姓名、电话）", "住址"]
    assert fields_of_text("身份证号,sfzh,字符型,18") == [Wanted("身份证号", "sfzh")]


def test_nothing_is_said_to_be_new_while_entries_are_not_compared_yet(
    town: Town, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, sessions = town.people["clerk"], town.city.app.state.sessions
    with sessions.begin() as session:
        session.execute(delete(HeldEntry))
    monkeypatch.setattr(queries, "MOST_READ", 0)
    before = len(clerk.client.get(CHECKS).json())
    body = {"title": "人口调查表", "fields": [{"name": "姓名"}]}
    answer = clerk.client.post(CHECKS, json=body)
    assert refused(answer, 503, "COLLECTION_INCOMPLETE")
    assert int(answer.headers["retry-after"]) >= 30
    browser = town.city.browser(clerk.actor.username)
    page = browser.send("/collection-checks", "/collection-checks", title="人口调查表", fields="姓名\n月收入")
    assert page.status_code == 503
    assert "条目录未比对" in page.text
    assert "姓名\n月收入" in page.text
    assert len(clerk.client.get(CHECKS).json()) == before
    with sessions.begin() as session:
        catch_up(session)
    [found] = clerk.client.post(CHECKS, json=body).json()["fields"]
    assert found["verdict"] == "obtainable"

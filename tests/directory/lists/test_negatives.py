"""The negative list: nothing without a law, nothing by one person, nothing on it published; who sees what of it."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.negatives.queries import NO_OPENING, hits
from directory.resources.queries import current_record, find
from tests.directory.access.conftest import TODAY, Town, conditional_sharing, refused

LISTED = {
    "title": "个案线索",
    "covers": "both",
    "law_title": "《反洗钱法》",
    "law_article": "第五条",
    "since": TODAY.isoformat(),
    "until": (TODAY + timedelta(days=365)).isoformat(),
    "items": ["登记日期"],
}
LIST = "/api/v1/negative-list"


def listed(town: Town, by: str = "editor", **changes: Any) -> str:
    body = {"org_code": town.orgs["provider"]} | LISTED | changes
    answer = town.people[by].client.post(LIST, json=body)
    assert answer.status_code == 201, answer.text
    at = f"{LIST}/{answer.json()['id']}"
    state = "ahead" if body["since"] > TODAY.isoformat() else "listed"
    assert town.people["approver"].client.post(f"{at}/decision", json={"is_listed": True}).json()["state"] == state
    return str(answer.json()["id"])


def test_nothing_without_a_law_and_nobody_lists_alone(town: Town, session: Session) -> None:
    editor, body = town.people["editor"].client, {"org_code": town.orgs["provider"]} | LISTED
    for changes in ({"law_title": " "}, {"law_article": ""}):
        assert refused(editor.post(LIST, json=body | changes), 400, "NEGATIVE_BASIS")
    for changes in (
        {"items": []},
        {"until": "2020-01-01"},
        {"until": "9999-12-31"},
        {"items": ["字" * 200, " "] * 101},
    ):
        answer = editor.post(LIST, json=body | changes)
        assert answer.json()["code"] in {"NEGATIVE_INVALID", "INPUT_MALFORMED"}, answer.text
    assert refused(editor.post(LIST, json=body | {"org_code": town.orgs["requester"]}), 403, "FORBIDDEN")
    assert refused(editor.post(LIST, json=body | {"org_code": ""}), 403, "FORBIDDEN")
    made = editor.post(LIST, json=body).json()
    at = f"{LIST}/{made['id']}"
    assert refused(town.people["clerk"].client.get(at), 404, "NEGATIVE_NOT_FOUND")
    assert refused(editor.post(f"{at}/decision", json={"is_listed": True}), 403, "FORBIDDEN")
    approver = town.people["approver"].client
    assert refused(approver.post(f"{at}/decision", json={"is_listed": False}), 409, "COMMENT_REQUIRED")
    assert approver.post(f"{at}/decision", json={"is_listed": False, "words": "依据不符"}).json()["state"] == "declined"
    assert refused(approver.post(f"{at}/decision", json={"is_listed": True}), 409, "NEGATIVE_STATE")
    assert refused(approver.post(f"{at}/removal", json={"words": "x"}), 409, "NEGATIVE_STATE")
    for sql, constraint in (
        ("UPDATE negative_entry SET decided_by = proposed_by WHERE id = :id", "what is decided stays"),
        (
            "INSERT INTO negative_entry (id, title, covers, items, law_title, law_article, since, until, state,"
            " proposed_by, proposed_at) SELECT gen_random_uuid(), title, covers, items, law_title, ' ', since, until,"
            " 'proposed', proposed_by, proposed_at FROM negative_entry WHERE id = :id",
            "ck_negative_entry_law",
        ),
    ):
        with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
            session.execute(text(sql), {"id": made["id"]})


def test_what_is_listed_is_not_published_until_it_is_taken_off(town: Town, session: Session) -> None:
    negative = listed(town, title="登记日期一律不共享")
    ref = town.register("涉案登记", conditional_sharing())
    for who, to in (("head", "head_approved"), ("editor", "submitted"), ("reviewer", "reviewed")):
        town.move(who, ref, to)
    with pytest.raises(DirectoryError, match="登记日期") as error:
        town.move("approver", ref, "published")
    assert (error.value.code, "反洗钱法" in error.value.zh) == ("NEGATIVE_LISTED", True)

    found = town.people["editor"].client.get(f"{LIST}/hits?resource={ref}").json()
    assert [(each["id"], each["fields"]) for each in found] == [(negative, ["djrq"])]
    assert not town.people["editor"].client.get(f"{LIST}/hits?resource={ref}&item=xm").json()
    entry = find(session, town.people["editor"].actor, ref)
    items = current_record(session, entry).items
    assert len(hits(session, entry, items, TODAY)) == 1
    assert not hits(session, entry, items, TODAY - timedelta(days=1)), "not before its first day"
    assert not hits(session, entry, items, TODAY + timedelta(days=366)), "not after its last"
    assert hits(session, entry, items, TODAY, NO_OPENING), "both sharing and opening"

    approver = town.people["approver"].client
    assert refused(approver.post(f"{LIST}/{negative}/removal", json={"words": ""}), 409, "COMMENT_REQUIRED")
    assert approver.post(f"{LIST}/{negative}/removal", json={"words": "法律修改"}).json()["state"] == "removed"
    town.move("approver", ref, "published")


def test_one_for_everybody_is_found_by_other_spellings_one_for_an_entry_only_there(
    town: Town, session: Session
) -> None:
    everywhere = listed(town, "reviewer", org_code="", items=["身份证号"], covers="open", title="公民身份号码不开放")
    mine = town.publish("人口甲", conditional_sharing())
    alone = town.publish("人口乙", conditional_sharing())
    only = listed(town, resource=alone, items=[], title="整条不予开放", covers="open")
    one = listed(town, resource=alone, items=["xm"], title="姓名不予共享", covers="share")

    def found(ref: str) -> set[str]:
        return {each["id"] for each in town.people["clerk"].client.get(f"{LIST}/hits?resource={ref}").json()}

    assert found(mine) == {everywhere}
    assert found(alone) == {everywhere, only, one}
    body = {"org_code": town.orgs["provider"], "resource": alone} | LISTED | {"items": ["没有"]}
    assert refused(town.people["editor"].client.post(LIST, json=body), 400, "NEGATIVE_INVALID")
    for each in (everywhere, only, one):
        town.people["approver"].client.post(f"{LIST}/{each}/removal", json={"words": "测试完毕"})


def test_the_workbook_comes_back_as_proposals(town: Town) -> None:
    listed(town, title="=1+1", items=["甲项", "乙项"])
    data = town.people["editor"].client.get(f"{LIST}/export").content
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    before = town.people["reviewer"].client.get(LIST).json()
    answer = town.people["reviewer"].client.post(f"{LIST}/import", files={"file": ("负面.xlsx", data)})
    assert answer.status_code == 201, answer.text
    made = [each for each in town.people["reviewer"].client.get(LIST).json() if each["id"] in answer.json()["ids"]]
    told = ("title", "covers", "org_code", "items", "law_title", "law_article", "since", "until")
    assert {tuple(str(each[name]) for name in told) for each in made} <= {
        tuple(str(each[name]) for name in told) for each in before
    }
    assert {each["state"] for each in made} == {"proposed"}
    bad = "名称,不予,数据项,法律依据,条款,起始日期,截止日期\n甲,共享,乙,,,2026-01-01,2026-12-31\n".encode()
    answer = town.people["editor"].client.post(f"{LIST}/import", files={"file": ("a.csv", bad)})
    assert refused(answer, 400, "LIST_ROW")
    assert "第十四条" in answer.json()["detail"]
    head = "名称,部门,不予,数据项,法律依据,条款,起始日期,截止日期\n"
    rows = (
        "甲,全部部门,共享,乙,丙法,一,2026年1月1日,2026/12/31\n甲,,不共享可开放,乙,丙法,一,2026-01-01,2026-12-31\n"
        "甲,,不予共享和开放,乙,丙法,一,2026-01-01,2026-12-31\n甲,,共享,乙,丙法,一,2199-01-01,2199-12-31\n"
    )
    answer = town.people["editor"].client.post(f"{LIST}/import", files={"file": ("a.csv", (head + rows).encode())})
    assert refused(answer, 400, "LIST_ROW")
    assert [each["row"] for each in answer.json()["findings"]] == [2, 3, 5]

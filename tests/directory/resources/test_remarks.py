"""Returned field by field: the reasons reach the editor, stay until the next approval, and point at real fields."""

from typing import Any

import pytest

from directory.roles import Role

REMARKS = [{"path": "abstract", "reason": "写明覆盖范围"}, {"path": "items[1].length", "reason": "名称可达 300 字"}]


def send(person: Any, ref: str, to: str = "draft", comment: str = "", remarks: Any = ()) -> Any:
    body = {"to": to, "comment": comment, "remarks": list(remarks)}
    return person.client.post(f"/api/v1/resources/{ref}/transitions", json=body)


@pytest.fixture
def submitted(department: Any, move: Any) -> str:
    ref = str(department.register()["id"])
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    return ref


def remarks_of(person: Any, ref: str) -> Any:
    return person.client.get(f"/api/v1/resources/{ref}").json()["remarks"]


def test_reasons_by_field_need_no_comment_and_reach_the_editor(
    submitted: str, department: Any, office: Any, move: Any
) -> None:
    answer = send(office.reviewer, submitted, remarks=REMARKS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["remarks"] == REMARKS
    assert remarks_of(department.editor, submitted) == REMARKS
    record = department.editor.client.get(f"/api/v1/resources/{submitted}").json()["record"] | {"abstract": "全市"}
    client = department.editor.client
    assert client.put(f"/api/v1/resources/{submitted}", json=record, headers={"If-Match": '"1"'}).status_code == 200
    assert remarks_of(department.editor, submitted) == REMARKS  # until somebody approves what was mended
    move(department.head, submitted, "head_approved")
    assert remarks_of(department.editor, submitted) == []
    move(department.editor, submitted, "draft")
    assert remarks_of(department.editor, submitted) == []  # recalled, not returned
    move(department.head, submitted, "head_approved")
    move(department.editor, submitted, "submitted")
    second = [{"path": "title", "reason": "不是系统名称"}]
    send(office.reviewer, submitted, remarks=second)
    assert remarks_of(department.editor, submitted) == second  # the last return only


def test_outsiders_see_no_remarks(department: Any, office: Any, publish: Any, move: Any, city: Any) -> None:
    ref = department.register()["id"]
    publish(department, ref)
    record = department.editor.client.get(f"/api/v1/resources/{ref}").json()["record"] | {"abstract": "新版"}
    department.editor.client.put(f"/api/v1/resources/{ref}", json=record, headers={"If-Match": '"3"'})
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    assert send(office.reviewer, ref, remarks=REMARKS).status_code == 200
    stranger = city.person(city.organisation())
    assert stranger.client.get(f"/api/v1/resources/{ref}").status_code == 403
    from_elsewhere = city.person(city.organisation(), Role.REQUESTER)
    assert remarks_of(from_elsewhere, ref) == []


@pytest.mark.parametrize(
    ("to", "remarks", "code"),
    [
        ("draft", [{"path": "nothing", "reason": "不好"}], "REMARK_INVALID"),
        ("draft", [{"path": "items[0].nothing", "reason": "不好"}], "REMARK_INVALID"),
        ("draft", [{"path": "abstract", "reason": "  "}], "REMARK_INVALID"),
        ("draft", [], "COMMENT_REQUIRED"),
        ("reviewed", REMARKS, "REMARKS_MISPLACED"),
        ("draft", [{"path": "abstract"}], "INPUT_MALFORMED"),
        ("draft", [{"path": "abstract", "reason": "x"}] * 201, "INPUT_MALFORMED"),
    ],
)
def test_refused_by_name_and_nothing_is_left(
    submitted: str, department: Any, office: Any, to: str, remarks: Any, code: str
) -> None:
    answer = send(office.reviewer, submitted, to, remarks=remarks)
    assert answer.json()["code"] == code
    shown = department.editor.client.get(f"/api/v1/resources/{submitted}").json()
    assert (shown["status"], shown["remarks"]) == ("submitted", [])

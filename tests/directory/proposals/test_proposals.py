"""Proposals: taken from the node whose they are, shown to its department's editor, decided once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from standards.crypto import SigningKey
from tests.directory.proposals.conftest import Desk, column, residents

CHOICE = {"title": "户籍人员", "library": "population", "share_type": "conditional"}


def confirm(desk: Desk, proposal_id: str, who: Any = None, **changes: Any) -> Any:
    client = (who or desk.editor).client
    return client.post(f"/api/v1/proposals/{proposal_id}/confirm", json=CHOICE | changes)


def test_sending_again_changes_nothing(desk: Desk) -> None:
    assert desk.post(desk.proposal()).json() == {"accepted": 1}
    assert desk.post(desk.proposal()).json() == {"accepted": 0}
    assert len(desk.waiting()) == 1


def test_a_newer_look_takes_the_place_of_the_older(desk: Desk, session: Session) -> None:
    first = desk.proposed()
    second = desk.proposed(column("dh", "text", "13912345678"))
    assert [line["id"] for line in desk.waiting()] == [second]
    assert confirm(desk, first).json()["code"] == "PROPOSAL_SUPERSEDED"
    assert desk.post(desk.proposal()).json() == {"accepted": 1}  # the column is gone again
    assert [line["id"] for line in desk.waiting()] == [first]
    statuses = session.execute(
        text("SELECT status FROM proposal WHERE table_name = :name ORDER BY status"), {"name": desk.table}
    )
    assert [row[0] for row in statuses] == ["superseded", "waiting"]


def test_ten_posts_at_once_keep_one(desk: Desk) -> None:
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: desk.post(desk.proposal()).json()["accepted"], range(10)))
    assert sum(answers) == 1


def test_only_the_node_itself_proposes_its_own(desk: Desk, new_node: Any) -> None:
    other = new_node("another_node")
    for changes, code in [
        ({"node_id": other.name}, "NOT_THIS_NODE"),
        ({"org_code": other.org_code}, "PROPOSAL_BAD"),
        ({"table": "another"}, "PROPOSAL_BAD"),
    ]:
        answer = desk.post(desk.proposal(residents("fine")), desk.proposal(**changes))
        assert answer.json()["code"] == code
    decided = desk.proposal()
    draft = decided.draft.model_copy(
        update={"sharing": decided.draft.sharing.model_copy(update={"share_type": "unconditional"})}
    )
    assert desk.post(decided.model_copy(update={"draft": draft})).json()["code"] == "PROPOSAL_BAD"
    assert desk.post(desk.proposal(), key=SigningKey.generate()).json()["code"] == "SIGNATURE_BAD"
    assert other.call("POST", f"/api/v1/nodes/{desk.node.name}/proposals", []).json()["code"] == "NOT_THIS_NODE"
    assert desk.waiting() == []


def test_confirming_registers_a_draft_with_its_mount(desk: Desk, session: Session) -> None:
    proposal_id = desk.proposed()
    shown = desk.editor.client.get(f"/api/v1/proposals/{proposal_id}").json()
    assert {guess["path"] for guess in shown["proposal"]["guesses"]} >= {"title", "items[0].data_element"}
    items = [
        {
            "field": "xm",
            "name": "本人姓名",
            "type_code": "C",
            "sensitivity": 4,
            "base_item": "population/name",
        },
        {"field": "bz", "is_included": False, "name": "备注", "type_code": "C", "sensitivity": 2},
    ]
    answer = confirm(desk, proposal_id, items=items)
    assert answer.status_code == 201, answer.text
    entry = desk.editor.client.get(f"/api/v1/resources/{answer.json()['id']}").json()
    record = entry["record"]
    assert (entry["status"], record["library"], record["sharing"]["share_type"]) == (
        "draft",
        "population",
        "conditional",
    )
    assert [item["field"] for item in record["items"]] == ["gmsfhm", "xm", "xb"]
    assert (record["items"][0]["data_element"], record["items"][0]["is_key"]) == ("GB 11643", True)
    assert (record["items"][1]["name"], record["items"][1]["sensitivity"]) == ("本人姓名", 4)
    assert record["provider"]["name"] == desk.editor.actor.org_name
    (mount,) = record["mounts"]
    assert (mount["node"], mount["table"]) == (desk.node.name, desk.table)
    assert mount["columns"][0] == {"field": "gmsfhm", "column": "gmsfhm", "sql_type": "character varying(18)"}
    assert len(mount["columns"]) == 3
    again = confirm(desk, proposal_id)
    assert (again.status_code, again.json()["code"]) == (409, "PROPOSAL_DECIDED")
    entries = session.execute(text("SELECT convert_from(bytes, 'UTF8') FROM audit_out")).scalars().all()
    assert any('"action":"proposal:confirm"' in each and proposal_id in each for each in entries)


def test_only_the_departments_editor_decides(desk: Desk) -> None:
    proposal_id = desk.proposed()
    assert confirm(desk, proposal_id, desk.stranger).json()["code"] == "PROPOSAL_NOT_FOUND"
    assert confirm(desk, proposal_id, desk.head).json()["code"] == "FORBIDDEN"
    for who, code in ((desk.stranger, "PROPOSAL_NOT_FOUND"), (desk.head, "FORBIDDEN")):
        assert who.client.get(f"/api/v1/proposals/{proposal_id}").json()["code"] == code
        declined = who.client.post(f"/api/v1/proposals/{proposal_id}/decline", json={"reason": "不是我的"})
        assert declined.json()["code"] == code
    assert desk.stranger.client.get("/api/v1/proposals").json() == {"total": 0, "items": []}
    assert desk.head.client.get("/api/v1/proposals").json()["code"] == "FORBIDDEN"


def test_a_declined_table_comes_again_only_when_it_has_changed(desk: Desk) -> None:
    proposal_id = desk.proposed()
    path = f"/api/v1/proposals/{proposal_id}/decline"
    assert desk.editor.client.post(path, json={"reason": "  "}).json()["code"] == "PROPOSAL_REASON_MISSING"
    assert desk.editor.client.post(path, json={"reason": "临时表"}).status_code == 204
    assert desk.editor.client.post(path, json={"reason": "临时表"}).json()["code"] == "PROPOSAL_DECIDED"
    other_values = desk.profile().model_copy(
        update={"columns": (*desk.profile().columns[:3], column("bz", "text", "x" * 40))}
    )
    assert other_values.digest != desk.profile().digest
    assert desk.post(desk.proposal(), desk.proposal(other_values)).json() == {"accepted": 0}
    assert desk.post(desk.proposal(desk.profile(column("new")))).json() == {"accepted": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"items": [{"field": "xm", "name": " ", "type_code": "C", "sensitivity": 3}]},
        {"items": [{"field": "xb", "name": "性别", "type_code": "C", "sensitivity": 3, "code_table": "没有的表"}]},
        {"items": [{"field": "no_such", "name": "x", "type_code": "C", "sensitivity": 3}]},
        {
            "items": [
                {"field": field, "is_included": False, "name": "x", "type_code": "C", "sensitivity": 3}
                for field in ("gmsfhm", "xm", "xb", "bz")
            ]
        },
        {"library": "Bad Library!"},
    ],
)
def test_a_choice_that_makes_no_entry(desk: Desk, changes: dict[str, Any]) -> None:
    proposal_id = desk.proposed()
    answer = confirm(desk, proposal_id, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "PROPOSAL_CHOICE_BAD"), answer.text
    assert answer.json()["findings"]
    assert confirm(desk, proposal_id, share_type=None).status_code == 422  # nobody decides it silently
    assert len(desk.waiting()) == 1


def test_a_table_the_catalogue_has_is_marked_with_how_it_drifted(desk: Desk) -> None:
    assert confirm(desk, desk.proposed()).status_code == 201
    columns = desk.profile().columns
    changed = desk.profile().model_copy(
        update={
            "columns": (
                columns[0].model_copy(update={"sql_type": "character varying(20)"}),
                *columns[2:],
                column("phone", "text"),
            )
        }
    )
    assert desk.post(desk.proposal(changed)).json() == {"accepted": 1}
    (line,) = desk.waiting()
    assert line["mounted_by"] is not None
    assert [(each["kind"], each["column"]) for each in line["drift"]] == [
        ("changed", "gmsfhm"),
        ("missing", "xm"),
        ("extra", "phone"),
    ]
    assert confirm(desk, line["id"]).json()["code"] == "PROPOSAL_KNOWN"


def test_the_widest_table_is_taken_and_confirmed(desk: Desk) -> None:
    proposal_id = desk.proposed(*(column(f"column_number_{number}") for number in range(1500)))
    answer = confirm(desk, proposal_id, title="宽表")
    assert answer.status_code == 201, answer.text

"""One step with many entries: each stands alone, in the order asked, and nobody gets past a rule by asking in bulk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from directory.resources.batch import move_many
from directory.roles import Role


def send(person: Any, refs: list[str], to: str, comment: str = "") -> Any:
    body = {"refs": refs, "to": to, "comment": comment}
    return person.client.post("/api/v1/resources/transitions", json=body)


def test_a_department_and_the_office_take_entries_through_together(department: Any, office: Any) -> None:
    made = [department.register(title=f"目录{number}") for number in range(4)]
    refs = [each["identifier"].replace("/", "~") for each in made]
    for each in made[:3]:
        department.assess(each["id"])
    assert [each["status"] for each in send(department.head, refs, "head_approved").json()] == ["head_approved"] * 4
    again = send(department.head, [*refs, "nowhere", refs[0]], "head_approved").json()
    assert [each["ref"] for each in again] == [*refs, "nowhere"]  # each once
    assert [each["code"] for each in again] == ["STATUS_FORBIDS"] * 4 + ["RESOURCE_NOT_FOUND"]
    assert again[0]["title"] == "目录0"
    assert again[0]["status"] == "head_approved"
    assert again[0]["next_step"]
    assert again[4]["title"] == ""
    assert {each["code"] for each in send(department.editor, refs, "submitted").json()} == {""}
    assert {each["status"] for each in send(office.reviewer, refs, "reviewed").json()} == {"reviewed"}
    published = send(office.approver, refs, "published").json()
    assert [each["status"] for each in published] == ["published"] * 3 + ["reviewed"]
    assert published[3]["code"] == "RESOURCE_INCOMPLETE"  # not assessed; the others are published all the same
    assert "评估" in published[3]["detail"]
    assert department.editor.client.get(f"/api/v1/resources/{refs[0]}").json()["status"] == "published"
    assert {each["code"] for each in send(office.approver, refs[:2], "withdrawn").json()} == {"COMMENT_REQUIRED"}
    withdrawn = send(office.approver, refs[:2], "withdrawn", "职能划转").json()
    assert [each["status"] for each in withdrawn] == ["withdrawn"] * 2


def test_nobody_gets_past_a_rule_in_bulk(department: Any, office: Any, city: Any) -> None:
    refs = [department.register(title=f"目录{number}")["id"] for number in range(2)]
    assert {each["code"] for each in send(department.editor, refs, "head_approved").json()} == {"FORBIDDEN"}
    other = city.person(city.organisation(), Role.DEPARTMENT_HEAD)
    assert {each["code"] for each in send(other, refs, "head_approved").json()} == {"RESOURCE_NOT_FOUND"}
    assert send(department.head, [], "head_approved").json()["code"] == "INPUT_MALFORMED"
    assert send(department.head, ["x"] * 501, "head_approved").json()["code"] == "INPUT_MALFORMED"


def test_two_batches_over_the_same_entries_do_not_wait_in_a_circle(department: Any, directory_app: Any) -> None:
    refs = [department.register(title=f"目录{number}")["id"] for number in range(12)]

    def run(order: list[str]) -> list[bool]:
        with directory_app.state.sessions.begin() as session:
            done = move_many(session, department.head.actor, order, "head_approved", "", datetime.now(UTC))
            return [each.problem is None for each in done]

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(run, [refs, refs[::-1]])
    assert [a != b for a, b in zip(one, other[::-1], strict=True)] == [True] * 12  # each entry moved exactly once

"""A correction from what somebody saw to everybody having taken it again (Art. 26)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.audit.models import AuditOut
from directory.clock.deadlines import day_of, due
from directory.clock.queries import calendar
from directory.roles import Role
from metadata.audit import AuditEntry
from tests.directory.access.conftest import ITEMS, Town, conditional_sharing, refused
from tests.directory.corrections.conftest import raised, shown, step

TODAY = day_of(datetime.now(UTC))
KEY = "110101199003070011"
PDF = b"%PDF-1.7 evidence"


def entries_about(town: Town, subject: str) -> list[AuditEntry]:
    with town.city.app.state.sessions.begin() as session:
        kept = [AuditEntry.from_bytes(row.bytes) for row in session.query(AuditOut)]
    return [each for each in kept if each.subject == subject]


def test_corrected_told_and_taken_again(town: Town, resource: str, using: str) -> None:
    made = raised(town, resource, record_keys=KEY, record_count=3)
    assert (made["state"], made["number"][:3], made["request_id"]) == ("checking", "JH-", using)
    with town.city.app.state.sessions.begin() as session:
        assert made["due_on"] == due(TODAY, 10, calendar(session)).due_on.isoformat()
    told = {"comment": "按户口底册更正", "corrected_from_on": TODAY.isoformat(), "corrected_from_batch": 7}
    done = step(town, "lead", made["id"], "corrected", **told)
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["due_on"]) == ("telling", None)
    [notice] = done.json()["notices"]
    assert (notice["request_id"], notice["acknowledged_at"]) == (using, None)
    assert refused(step(town, "lead", made["id"], "corrected", **told), 409, "MATTER_MOVE_ILLEGAL")
    assert refused(step(town, "outside_lead", made["id"], "acknowledged"), 404, "MATTER_NOT_FOUND")
    assert refused(step(town, "lead", made["id"], "acknowledged"), 409, "CORRECTION_NOT_TOLD")
    assert "acknowledged" in shown(town, "own_lead", made["id"])["acts"]
    last = step(town, "clerk", made["id"], "acknowledged")
    assert (last.status_code, last.json()["state"], last.json()["is_done"]) == (200, "corrected", True)
    assert refused(step(town, "own_lead", made["id"], "acknowledged"), 409, "MATTER_MOVE_ILLEGAL")
    assert [each["act"] for each in last.json()["steps"]] == ["raised", "corrected", "acknowledged"]
    kept = entries_about(town, made["id"])
    assert [each.action for each in kept] == ["correction:raised", "correction:corrected", "correction:acknowledged"]
    assert not [each for each in kept if KEY.encode() in each.to_bytes() or "户口" in str(each.details)]


def test_who_is_only_told_reads_no_keys_and_no_words(town: Town, resource: str, using: str) -> None:
    made = raised(town, resource, "outside_clerk", items=[], record_keys=KEY)
    assert made["request_id"] is None
    name = ("材料.pdf", PDF, "application/pdf")
    at = f"/api/v1/corrections/{made['id']}/files"
    kept = town.people["outside_clerk"].client.post(at, files={"file": name})
    assert kept.status_code == 201, kept.text
    assert refused(town.people["clerk"].client.get(f"/api/v1/corrections/{made['id']}"), 404, "MATTER_NOT_FOUND")
    step(town, "lead", made["id"], "corrected", comment=f"{KEY}一行已改", corrected_from_on=TODAY.isoformat())
    told = shown(town, "clerk", made["id"])
    assert (told["is_whole"], told["words"], told["record_keys"], told["files"]) == (False, "", "", [])
    assert KEY not in str(told)
    assert [each["org_code"] for each in told["notices"]] == [town.orgs["requester"]]
    file_id = kept.json()["id"]
    assert refused(town.people["clerk"].client.get(f"{at}/{file_id}"), 404, "PAPER_NOT_FOUND")
    assert town.people["lead"].client.get(f"{at}/{file_id}").content == PDF
    assert town.people["reviewer"].client.get(f"/api/v1/corrections/{made['id']}").json()["record_keys"] == KEY
    assert refused(town.people["auditor"].client.get(f"/api/v1/corrections/{made['id']}"), 404, "MATTER_NOT_FOUND")
    late = town.people["outside_clerk"].client.post(at, files={"file": name})
    assert refused(late, 409, "MATTER_CLOSED")


def test_not_wrong_needs_its_reason_and_ends_it(town: Town, resource: str) -> None:
    made = raised(town, resource)
    assert refused(step(town, "lead", made["id"], "not_wrong"), 409, "COMMENT_REQUIRED")
    assert refused(step(town, "clerk", made["id"], "not_wrong", comment="x"), 403, "FORBIDDEN")
    assert refused(step(town, "approver", made["id"], "not_wrong", comment="x"), 403, "FORBIDDEN")
    done = step(town, "lead", made["id"], "not_wrong", comment="与底册一致").json()
    assert (done["state"], done["is_done"], done["acts"]) == ("not_wrong", True, [])
    [term] = town.people["clerk"].client.get(f"/api/v1/corrections/{made['id']}/terms").json()["terms"]
    assert (term["article"], term["limit_days"], term["extension_days"], term["outcome"]) == (26, 10, 0, "answered")
    for to in ("corrected", "urged", "withdrawn", "forwarded", "acknowledged"):
        answer = step(town, "lead", made["id"], to, comment="x")
        assert refused(answer, 409, "MATTER_MOVE_ILLEGAL")
        assert "已经办结" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"comment": "改了"}, 422, "CORRECTION_FROM"),
        ({"comment": "改了", "corrected_from_on": "0001-01-01"}, 422, "CORRECTION_FROM"),
        ({"comment": "改了", "corrected_from_on": "9999-12-31"}, 422, "CORRECTION_FROM"),
        ({"corrected_from_on": TODAY.isoformat()}, 409, "COMMENT_REQUIRED"),
        ({"comment": "改了", "to_org": "x"}, 422, "SAID_TOO_MUCH"),
        ({"comment": "改了", "until": "x"}, 422, "INPUT_MALFORMED"),
    ],
)
def test_what_is_said_with_an_answer(town: Town, resource: str, said: dict[str, str], status: int, code: str) -> None:
    made = raised(town, resource)
    assert refused(step(town, "lead", made["id"], "corrected", **said), status, code)
    assert shown(town, "lead", made["id"])["state"] == "checking"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"items": ["nowhere"]}, 409, "ITEM_UNKNOWN"),
        ({"words": " "}, 422, "MATTER_WORDS_EMPTY"),
        ({"words": "字" * 2001}, 422, "INPUT_MALFORMED"),
        ({"resource": "00000000-0000-4000-8000-000000000000"}, 404, "RESOURCE_NOT_FOUND"),
        ({"record_count": 0}, 422, "INPUT_MALFORMED"),
        ({"record_count": True}, 422, "INPUT_MALFORMED"),
        ({"words": "坏\x00字"}, 422, "TEXT_NOT_STORABLE"),
        ({"value": "x"}, 422, "INPUT_MALFORMED"),
    ],
)
def test_what_cannot_be_raised(town: Town, resource: str, changes: dict[str, Any], status: int, code: str) -> None:
    body = {"resource": resource, "words": "姓名有误"} | changes
    assert refused(town.people["clerk"].client.post("/api/v1/corrections", json=body), status, code)


def test_nobody_corrects_their_own_or_answers_what_they_raised(town: Town, resource: str, directory_app: Any) -> None:
    body = {"resource": resource, "words": "姓名有误"}
    assert refused(town.people["lead"].client.post("/api/v1/corrections", json=body), 409, "CORRECTION_OWN")
    assert refused(town.people["reviewer"].client.post("/api/v1/corrections", json=body), 403, "FORBIDDEN")
    made = raised(town, resource)
    forged = text(
        "INSERT INTO matter_step (matter_id, seq, raised_by, act, state, decided_by, decider_name, org_name, comment,"
        " outcome, decided_at) SELECT id, 2, created_by, 'not_wrong', 'not_wrong', created_by, '', '', '', '', now()"
        " FROM matter WHERE id = :id"
    )
    with directory_app.state.sessions() as session, pytest.raises(IntegrityError, match="not_by_creator"):
        session.execute(forged, {"id": made["id"]})
    quiet = text("UPDATE matter SET state = 'not_wrong' WHERE id = :id")
    with directory_app.state.sessions() as session:
        session.execute(quiet, {"id": made["id"]})
        with pytest.raises(IntegrityError, match="fk_matter_last_step"):
            session.commit()
    for statement in ("UPDATE matter_step SET comment = ''", "DELETE FROM matter_term", "UPDATE matter SET words = ''"):
        with directory_app.state.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))


def test_withdrawn_and_urged(town: Town, resource: str) -> None:
    made = raised(town, resource)
    urged = step(town, "reviewer", made["id"], "urged", comment="请抓紧").json()
    assert (urged["state"], urged["due_on"]) == ("checking", made["due_on"])
    assert refused(step(town, "own_lead", made["id"], "urged", comment="x"), 403, "FORBIDDEN")
    gone = step(town, "own_lead", made["id"], "withdrawn", comment="看错了").json()
    assert (gone["state"], gone["due_on"], gone["is_done"]) == ("withdrawn", None, True)


def test_passed_on_to_the_lead_the_term_goes_on(town: Town, resource: str, directory_app: Any) -> None:
    lead_name = "示例市税务局"
    items = (ITEMS[0], ITEMS[1].model_copy(update={"lead_department": lead_name}), *ITEMS[2:])
    ref = town.publish("纳税人姓名信息", conditional_sharing(), items=items)
    made = raised(town, ref, items=["sfzhm"])
    assert shown(town, "lead", made["id"])["leads"] == []
    nobody = step(town, "lead", made["id"], "forwarded", comment="转", to_org=town.orgs["outsider"])
    assert refused(nobody, 409, "CORRECTION_LEAD")
    made = raised(town, ref, record_keys=KEY)
    [offered] = shown(town, "lead", made["id"])["leads"]
    assert offered["org_name"] == lead_name
    moved = step(town, "lead", made["id"], "forwarded", comment="数源在税务局", to_org=town.orgs["outsider"]).json()
    assert (moved["to_org"], moved["due_on"], moved["state"]) == (town.orgs["outsider"], made["due_on"], "checking")
    assert moved["record_keys"] == KEY, "who passed it on goes on seeing it"
    back = step(town, "outside_lead", made["id"], "forwarded", comment="x", to_org=town.orgs["provider"])
    assert refused(back, 409, "CORRECTION_LEAD")
    assert refused(step(town, "lead", made["id"], "not_wrong", comment="x"), 403, "FORBIDDEN")
    done = step(town, "outside_lead", made["id"], "corrected", comment="已改", corrected_from_on=TODAY.isoformat())
    assert done.json()["state"] == "corrected", "nobody uses it: nobody has to be told"
    terms = town.people["clerk"].client.get(f"/api/v1/corrections/{made['id']}/terms").json()["terms"]
    assert len(terms) == 1


def test_each_consumer_of_the_items_acknowledges(town: Town, in_use: Any) -> None:
    ref = town.publish("户籍迁移信息", conditional_sharing())
    takes, other = in_use(ref, items=["sfzhm", "xm"]), in_use(ref, items=["sfzhm", "djrq"])
    made = raised(town, ref, "outside_clerk", items=["djrq"])
    done = step(town, "lead", made["id"], "corrected", comment="已改", corrected_from_on=TODAY.isoformat()).json()
    assert [each["request_id"] for each in done["notices"]] == [other]
    made = raised(town, ref, "outside_clerk", items=["sfzhm"])
    done = step(town, "lead", made["id"], "corrected", comment="已改", corrected_from_on=TODAY.isoformat()).json()
    assert {each["request_id"] for each in done["notices"]} == {takes, other}
    assert step(town, "own_lead", made["id"], "acknowledged").json()["state"] == "corrected"


def test_who_still_holds_what_arrived_is_told_too(town: Town, in_use: Any) -> None:
    ref = town.publish("户籍变更信息", conditional_sharing())
    over = in_use(ref)
    assert town.act("own_lead", over, "purpose_done", comment="专项核验已结束").json()["stage"] == "disposal"
    made = raised(town, ref, "outside_clerk")
    done = step(town, "lead", made["id"], "corrected", comment="已改", corrected_from_on=TODAY.isoformat()).json()
    assert [each["request_id"] for each in done["notices"]] == [over]
    assert step(town, "own_lead", made["id"], "acknowledged").json()["state"] == "corrected"


def used_by_the_outsider(town: Town, ref: str) -> None:
    """A second department's grant of the entry, countersigned."""
    made = town.people["outside_clerk"].client.post("/api/v1/requests", json=town.asks(ref)).json()["id"]
    acts = (
        ("outside_lead", "req_approved"),
        ("outside_clerk", "submitted"),
        ("reviewer", "accepted"),
        ("lead", "agreed"),
    )
    for who, to in acts:
        answer = town.act(who, made, to)
        assert answer.status_code == 200, answer.text
    grant = town.people["outside_clerk"].client.get(f"/api/v1/requests/{made}").json()["grant_id"]
    assert town.countersign(grant).status_code == 200


def test_it_is_open_until_every_department_has_taken_it_again(town: Town, in_use: Any) -> None:
    ref = town.publish("户籍注销信息", conditional_sharing())
    in_use(ref)
    used_by_the_outsider(town, ref)
    made = raised(town, ref)
    done = step(town, "lead", made["id"], "corrected", comment="已改", corrected_from_on=TODAY.isoformat()).json()
    assert {each["org_code"] for each in done["notices"]} == {town.orgs["requester"], town.orgs["outsider"]}
    half = step(town, "own_lead", made["id"], "acknowledged").json()
    assert (half["state"], half["is_done"]) == ("telling", False)
    assert refused(step(town, "clerk", made["id"], "acknowledged"), 409, "CORRECTION_ACKNOWLEDGED")
    assert [each["org_code"] for each in shown(town, "outside_clerk", made["id"])["notices"]] == [town.orgs["outsider"]]
    assert step(town, "reviewer", made["id"], "urged", comment="请尽快重取").json()["state"] == "telling"
    assert step(town, "outside_clerk", made["id"], "acknowledged").json()["state"] == "corrected"


def test_it_is_told_and_waits_on_desks(town: Town, resource: str, using: str) -> None:
    made = raised(town, resource)
    told = town.people["lead"].client.get("/api/v1/notices").json()["items"]
    assert any(made["number"] in each["zh"] for each in told), told
    assert not [each for each in told if "户口本" in each["zh"]]
    step(town, "lead", made["id"], "corrected", comment="已改", corrected_from_on=TODAY.isoformat())
    mine = town.people["clerk"].client.get("/api/v1/notices").json()["items"]
    assert any("请重新取数" in each["zh"] and made["number"] in each["zh"] for each in mine)


def test_numbers_have_no_gaps(town: Town, resource: str) -> None:
    first, second = raised(town, resource), raised(town, resource)
    assert int(second["number"][-6:]) == int(first["number"][-6:]) + 1
    body = {"resource": resource, "items": ["nowhere"], "words": "x"}
    town.people["clerk"].client.post("/api/v1/corrections", json=body)
    assert int(raised(town, resource)["number"][-6:]) == int(second["number"][-6:]) + 1


def test_a_stranger_finds_nothing(town: Town, resource: str, city: Any) -> None:
    made = raised(town, resource)
    stranger = city.person(city.organisation(), Role.SHARING_LEAD)
    at = f"/api/v1/corrections/{made['id']}"
    for answer in (
        stranger.client.get(at),
        stranger.client.get(f"{at}/terms"),
        stranger.client.get(f"{at}/files/{UUID(int=0)}"),
        stranger.client.post(f"{at}/transitions", json={"to": "urged", "comment": "x"}),
        stranger.client.post(f"{at}/files", files={"file": ("x.pdf", PDF, "application/pdf")}),
    ):
        assert refused(answer, 404, "MATTER_NOT_FOUND")
    assert stranger.client.get("/api/v1/corrections").json() == []
    listed = town.people["clerk"].client.get("/api/v1/corrections", params={"resource": resource}).json()
    assert made["id"] in [each["id"] for each in listed]

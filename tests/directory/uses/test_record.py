"""Use records over HTTP: who writes and reads them, what each has to say, and that none is ever changed."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import create_engine, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.access.models import RequestRow
from directory.clock.queries import calendar
from directory.uses.moments import moments
from directory.uses.queries import asked_now, rules, uses
from tests.directory.access.conftest import CERTIFICATE, TODAY, Town, refused

WORDS = {
    "scenario": "养老待遇资格核验",
    "process": "每日比对 1 次，命中后人工复核",
    "effect": "少交证明 120 份",
    "storage": "待遇核发系统，专用库，两份备份",
}


def began(town: Town, request_id: str, days: int) -> None:
    """As if the first data had come so many days ago: by the database's owner, since nobody else moves that day."""
    owner = create_engine(town.city.app.state.settings.owner_url)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE request DISABLE TRIGGER USER"))
        at = datetime.now(UTC) - timedelta(days=days)
        connection.execute(update(RequestRow).where(RequestRow.id == UUID(request_id)).values(arrived_at=at))
        connection.execute(text("ALTER TABLE request ENABLE TRIGGER USER"))
    owner.dispose()


def say(town: Town, request_id: str, who: str = "clerk", /, **changes: Any) -> Any:
    body = {"occasion": "first_delivery"} | WORDS | changes
    return town.people[who].client.post(f"/api/v1/requests/{request_id}/uses", json=body)


def seen(town: Town, request_id: str, who: str = "clerk") -> dict[str, Any]:
    answer = town.people[who].client.get(f"/api/v1/requests/{request_id}/uses")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def used(resource: str, in_use: Any) -> str:
    """A request whose data have arrived today."""
    return str(in_use(resource))


def test_nothing_is_recorded_before_data_arrive(town: Town, resource: str) -> None:
    request_id = str(town.agreed(resource)["id"])
    assert refused(say(town, request_id), 409, "USE_NOT_BEGUN")
    assert refused(town.people["lead"].client.get(f"/api/v1/requests/{request_id}/uses"), 409, "USE_NOT_BEGUN")


def test_the_first_delivery_asks_and_the_parties_read(town: Town, used: str) -> None:
    assert [each["state"] for each in seen(town, used)["moments"]] == ["asked"]
    waiting = town.people["clerk"].client.get("/api/v1/uses/asked").json()
    assert used in [each["request_id"] for each in waiting["items"]]
    assert waiting["total"] == len(waiting["items"])
    made = say(town, used, items_used=["sfzhm", "xm"])
    assert made.status_code == 201, made.text
    assert say(town, used, "own_lead", occasion="period", items_used=["sfzhm"]).status_code == 201
    for who in ("clerk", "own_lead", "lead", "reviewer", "approver", "auditor"):
        shown = seen(town, used, who)
        assert [each["seq"] for each in shown["records"]] == [1, 2]
        assert shown["may_record"] == (who in {"clerk", "own_lead"})
    assert [each["use"] for each in shown["items"]] == ["used", "used", "unused", "unused"]
    assert shown["records"][0]["effect"] == WORDS["effect"]
    assert shown["light"] == "green"
    assert shown["records"][0]["kept_until"] == TODAY.replace(year=TODAY.year + 3).isoformat()
    asked = town.people["clerk"].client.get("/api/v1/uses/asked").json()["items"]
    assert used not in [each["request_id"] for each in asked]
    for who, status, code in (
        ("lead", 403, "FORBIDDEN"),
        ("reviewer", 403, "FORBIDDEN"),
        ("outside_clerk", 404, "REQUEST_NOT_FOUND"),
    ):
        assert refused(say(town, used, who), status, code)
    outside = town.people["outside_lead"].client
    assert refused(outside.get(f"/api/v1/requests/{used}/uses"), 404, "REQUEST_NOT_FOUND")
    assert used not in [each["request_id"] for each in outside.get("/api/v1/uses").json()]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"effect": " \n", "occasion": "period"}, 422, "USE_INCOMPLETE"),
        ({"scenario": ""}, 422, "USE_INCOMPLETE"),
        ({"occasion": "end", "disposal": "都删了"}, 409, "USE_NOT_ENDED"),
        ({"occasion": "whenever"}, 422, "INPUT_MALFORMED"),
        ({"covers_from": (TODAY - timedelta(days=400)).isoformat()}, 409, "USE_DAYS"),
        ({"covers_until": (TODAY + timedelta(days=1)).isoformat()}, 409, "USE_DAYS"),
        ({"covers_from": TODAY.isoformat(), "covers_until": "2026-01-01"}, 409, "USE_DAYS"),
        ({"covers_from": "昨天"}, 422, "INPUT_MALFORMED"),
        ({"items_used": ["xm", "mi_ma"]}, 409, "USE_ITEM_UNKNOWN"),
        ({"corrects": 1}, 422, "USE_CORRECTION"),
        ({"correction": "写错了"}, 422, "USE_CORRECTION"),
        ({"corrects": 99, "correction": "写错了"}, 404, "USE_RECORD_NOT_FOUND"),
        ({"corrects": 0, "correction": "写错了"}, 422, "INPUT_MALFORMED"),
        ({"process": "用" * 2001}, 422, "INPUT_MALFORMED"),
        ({"effects": "多写的字段"}, 422, "INPUT_MALFORMED"),
    ],
)
def test_a_record_that_says_too_little_or_too_much_is_refused(
    town: Town, used: str, changes: dict[str, Any], status: int, code: str
) -> None:
    before = len(seen(town, used)["records"])
    assert refused(say(town, used, **changes), status, code)
    assert len(seen(town, used)["records"]) == before


def test_a_correction_is_a_further_record_and_nothing_changes_by_sql(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    assert say(town, request_id).status_code == 201
    made = say(town, request_id, effect="少交证明 12 份", corrects=1, correction="多写了一个零")
    assert made.status_code == 201, made.text
    first, second = made.json()["records"]
    assert (first["corrected_by"], first["effect"], second["corrects"]) == (2, WORDS["effect"], 1)
    assert (second["covers_from"], second["covers_until"]) == (first["covers_from"], first["covers_until"])
    assert refused(say(town, request_id, corrects=1, correction="再改"), 409, "USE_CORRECTED")
    sessions = town.city.app.state.sessions
    for statement in ("UPDATE use_record SET effect = ''", "DELETE FROM use_record", "TRUNCATE use_record"):
        with sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))
    again = (
        "INSERT INTO use_record SELECT request_id, seq + 5, occasion, covers_from, covers_until, scenario, process,"
        " effect, storage, disposal, items_used, {}, {}, recorded_by, recorder_name, org_code, org_name, recorded_at"
        " FROM use_record WHERE request_id = :id AND seq = 2"
    )
    for corrects, why in (("1", "'又改'"), ("9", "'没有'"), ("2", "''")):
        with sessions() as session, pytest.raises(IntegrityError):
            session.execute(text(again.format(corrects, why)), {"id": UUID(request_id)})


def test_the_end_is_asked_for_and_a_certificate_says_what_became_of_the_data(
    town: Town, resource: str, in_use: Any
) -> None:
    request_id = in_use(resource)
    assert say(town, request_id).status_code == 201
    assert town.act("own_lead", request_id, "purpose_done", comment="核验已结束").status_code == 200
    assert [each["occasion"] for each in seen(town, request_id)["moments"]] == ["first_delivery", "end"]
    asked = town.people["clerk"].client.get("/api/v1/uses/asked").json()["items"]
    assert [each["occasion"] for each in asked if each["request_id"] == request_id] == ["end"]
    assert refused(say(town, request_id, occasion="end"), 422, "USE_INCOMPLETE")  # nothing says what was destroyed
    assert town.act("own_lead", request_id, "disposed", certificate=CERTIFICATE).status_code == 200
    made = say(town, request_id, occasion="end")
    assert made.status_code == 201, made.text
    assert made.json()["certificate"] == CERTIFICATE
    assert {each["state"] for each in made.json()["moments"]} == {"kept"}


def test_what_is_asked_in_one_statement_is_what_the_moments_say(town: Town, resource: str, in_use: Any) -> None:
    """The department's many uses are looked through by SQL, one use by ``moments``: both must ask for the same."""
    request_id = in_use(resource)
    org, people = town.orgs["requester"], town.people
    compared = 0
    for days in (0, 1, 60, 89, 90, 91, 92, 93, 181, 182, 183, 184, 185, 400):
        began(town, request_id, days)
        with town.city.app.state.sessions() as session:
            _, found = asked_now(session, org, TODAY, 500)
            asked = {each.row.id for each in found}
            for each in uses(session, people["clerk"].actor):
                open_ones = moments(each.life, each.spans, TODAY, calendar(session), rules())
                lacks = any(moment.state != "kept" for moment in open_ones)
                assert (each.row.id in asked) == lacks, (days, each.life, each.spans)
                compared += 1
        if days in (60, 183):
            assert say(town, request_id, occasion="period").status_code == 201
    assert compared >= 14


def test_gaps_are_shown_to_all_parties_and_in_files(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    began(town, request_id, 200)
    first = say(town, request_id, scenario='=HYPERLINK("http://x","点我")', items_used=["xm", "sfzhm"])
    assert first.status_code == 201
    for who in ("lead", "reviewer"):
        [line] = [
            each for each in town.people[who].client.get("/api/v1/uses").json() if each["request_id"] == request_id
        ]
        assert (line["record_count"], line["late_count"] + line["asked_count"]) == (1, 0)  # it speaks of all 200 days
    other = in_use(resource)
    began(town, other, 200)
    lead = town.people["lead"]
    files = {name: lead.client.get(f"/api/v1/uses/export?format={name}") for name in ("csv", "xlsx")}
    rows = list(csv.DictReader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    mine = [row for row in rows if row["申请编号"] == request_id]
    assert [row["使用场景"] for row in mine] == ['\'=HYPERLINK("http://x","点我")']
    assert mine[0]["用到的数据项"] == "公民身份号码、姓名", "names, as on the page"
    assert mine[0]["记录时间"][:10] == TODAY.isoformat(), "a file is read in another year"
    gaps = [row for row in rows if row["申请编号"] == other]
    assert [row["状态"][:1] for row in gaps] == ["缺"] * 3
    with zipfile.ZipFile(io.BytesIO(files["xlsx"].content)) as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
    head, *lines = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content)).active.iter_rows(values_only=True)
    [line] = [dict(zip(head, each, strict=True)) for each in lines if each[0] == request_id]
    assert (line["编号"], type(line["起"]), type(line["止"])) == (1, datetime, datetime), "to be summed and sorted"
    assert refused(lead.client.get("/api/v1/uses/export?format=docx"), 422, "INPUT_MALFORMED")
    browser = town.city.browser(lead.actor.username)
    page = unescape(browser.get("/uses?show=gaps").text)
    assert f"/requests/{other}/uses" in page
    assert f"/requests/{request_id}/uses" not in page
    late = next(each for each in lead.client.get("/api/v1/uses").json() if each["request_id"] == other)["late_count"]
    assert late in (2, 3)  # of the last one the term may still run, by the holidays of the season
    assert f"缺 {late} 次记录" in unescape(browser.get(f"/resources/{resource}").text)
    assert f"缺 {late} 次" in unescape(browser.get(f"/requests/{other}").text)


def test_the_page_records_gives_back_what_was_typed_and_begins_a_correction(
    town: Town, resource: str, in_use: Any
) -> None:
    request_id = in_use(resource)
    address, writer = f"/requests/{request_id}/uses", town.city.browser(town.people["clerk"].actor.username)
    form = {"occasion": "period", "covers_from": TODAY.isoformat(), "covers_until": TODAY.isoformat()}
    incomplete = writer.send(address, address, **form, scenario="只写了场景")
    assert incomplete.status_code == 422
    assert all(word in unescape(incomplete.text) for word in ("只写了场景", "请改正 3 处", 'role="alert"'))
    for name in ("process", "effect", "storage"):
        assert f'aria-describedby="{name}-h {name}-error" aria-invalid="true"' in incomplete.text, "said at the field"
        assert f'<p class="err" id="{name}-error">“使用期间”须写明' in unescape(incomplete.text)
    assert 'id="scenario-error"' not in incomplete.text
    said = say(town, request_id, **form, process="", effect="", storage="").json()
    assert [each["path"] for each in said["findings"]] == ["process", "effect", "storage"]
    assert "不是日期" in unescape(writer.send(address, address, **form | WORDS | {"covers_from": "昨天"}).text)
    assert writer.send(address, address, **WORDS).status_code == 422  # no occasion chosen
    made = writer.send(address, address, **form | WORDS, told="yes", items=["xm"])
    assert (made.status_code, made.headers["location"]) == (303, f"{address}#records")
    assert seen(town, request_id)["records"][0]["items_used"] == ["xm"]
    begun = unescape(writer.get(f"{address}?correct=1").text)
    assert all(words in begun for words in ("更正第 1 号", WORDS["process"], 'name="corrects" value="1"'))
    fixed = writer.send(address, address, **form | WORDS, corrects="1", correction="写错了日子")
    assert fixed.status_code == 303
    shown = unescape(writer.get(address).text)
    assert "已由第 2 号更正" in shown
    reader = town.city.browser(town.people["lead"].actor.username)
    assert 'id="form"' not in reader.get(address).text
    assert date.fromisoformat(seen(town, request_id)["began_on"]) == TODAY


def test_the_desk_and_the_worklist_remind_the_clerks_of_the_department(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    began(town, request_id, 40)
    clerk = town.people["clerk"]
    waiting = clerk.client.get("/api/v1/worklist").json()
    [mine] = [each for each in waiting["uses"] if each["request_id"] == request_id]
    assert (mine["occasion"], mine["light"]) == ("first_delivery", "red")
    browser = town.city.browser(clerk.actor.username)
    for address in ("/", "/approvals"):
        shown = unescape(browser.get(address).text)
        assert f"/requests/{request_id}/uses#form" in shown, address
        assert not re.search(r"(\d\d-\d\d) 至 \1", shown), "one day is no span"
    assert town.people["own_lead"].client.get("/api/v1/worklist").json()["uses_total"] == 0
    assert say(town, request_id).status_code == 201
    after = clerk.client.get("/api/v1/worklist").json()
    assert (after["uses_total"], len(after["uses"])) == (waiting["uses_total"] - 1, len(waiting["uses"]) - 1)


def test_a_form_with_parts_missing_names_each_above_and_says_why_once_at_the_part(town: Town, used: str) -> None:
    browser = town.city.browser(town.people["clerk"].actor.username)
    at = f"/requests/{used}/uses"
    answer = browser.send(at, at, occasion="first_delivery", scenario="核验")
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert [page.count(f">{name}</a>") for name in ("使用场景", "使用过程", "存储情况")] == [0, 1, 1]
    assert page.count("须写明使用过程") == 1

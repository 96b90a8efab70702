"""Importing files: drafts from a workbook or XML, all or none, once however often the file comes."""

import io
import json
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from directory.organisations.models import Organisation
from directory.organisations.register import add_organisation
from directory.resources.models import Minted, ResourceEntry, ResourceVersion
from directory.roles import Role
from metadata.formats import core_metadata_xml
from metadata.resource import Assessment, Party, Resource

ROUTE = "/api/v1/resources/import"


HEADER = ["资源名称", "来源部门", "描述", "更新频率", "开放状态", "分发格式"]


def workbook(*rows: tuple[str, ...], header: list[str] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(header)
    for row in rows:
        sheet.append(list(row))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def send(person: Any, data: bytes, name: str = "目录.xlsx", **form: str) -> Any:
    return person.client.post(ROUTE, files={"file": (name, data)}, data=form)


def counts(app: Any) -> tuple[int, ...]:
    with app.state.sessions() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(t)) or 0 for t in (ResourceEntry, Organisation, Minted)
        )


def test_rows_become_drafts_once(office: Any, directory_app: Any) -> None:
    data = workbook(
        ("公交线路信息", "导入市交通局", "线路、站点", "每年", "无条件开放", "csv"),
        ("公交线路信息", "导入市交通局", "线路、站点", "每年", "无条件开放", "xlsx"),
        ("旅游景点信息", "导入市文旅局", "A 级景区", "每月", "无条件开放", "csv"),
    )
    before = counts(directory_app)
    tried = send(office.reviewer, data, dry_run="true").json()
    assert (tried["is_dry_run"], tried["added"], tried["refused"]) == (True, 2, [])
    assert counts(directory_app) == before
    done = send(office.reviewer, data).json()
    assert (done["rows"], done["added"], done["unchanged"]) == (3, 2, 0)
    assert done["new_organisations"] == ["导入市交通局", "导入市文旅局"]
    after = counts(directory_app)
    again = send(office.reviewer, data).json()
    assert (again["added"], again["unchanged"], again["differing"]) == (0, 2, [])
    assert counts(directory_app) == after
    with directory_app.state.sessions() as session:
        made = session.scalars(select(ResourceEntry).where(ResourceEntry.title == "公交线路信息")).one()
        assert (made.status, made.share_type, made.identifier) == ("draft", None, None)
        assert made.code is not None
        assert made.code.startswith("307001/")


def test_a_changed_row_leaves_the_entry_alone(office: Any) -> None:
    send(office.reviewer, workbook(("停车场信息", "导入市城管局", "位置", "每年", "不予开放", "csv")))
    report = send(
        office.reviewer, workbook(("停车场信息", "导入市城管局", "位置和价格", "每年", "不予开放", "csv"))
    ).json()
    assert (report["added"], report["unchanged"], len(report["differing"])) == (0, 0, 1)


def test_one_that_cannot_be_taken_stops_all(office: Any, directory_app: Any, city: Any) -> None:
    code = city.organisation("导入市真实局")
    first = send(office.reviewer, workbook(("甲", "导入市真实局", "一", "每年", "", "csv"))).json()
    assert first["added"] == 1
    record = Resource.model_validate({"title": "密件目录", "provider": {"name": "导入市真实局", "code": code}})
    secret = core_metadata_xml.write(record.model_copy(update={"secrecy": "国家秘密"}))
    before = counts(directory_app)
    answer = send(office.reviewer, secret, "密件.xml")
    assert (answer.status_code, answer.json()["code"]) == (409, "IMPORT_REFUSED")
    assert answer.json()["findings"][0]["code"] == "RESOURCE_REFUSED"
    assert counts(directory_app) == before
    tried = send(office.reviewer, secret, "密件.xml", dry_run="true")
    assert tried.status_code == 200
    assert len(tried.json()["refused"]) == 1


def test_the_good_rows_wait_for_the_bad_one(office: Any, directory_app: Any) -> None:
    header = ["资源名称", "来源部门", "信息资源代码"]
    send(office.reviewer, workbook(("占号", "导入市财政局", "", "", "", "")))  # so that 307001 is a class of ours
    data = workbook(("好的", "导入市财政局", ""), ("冒用号段的", "导入市财政局", "307001/999999"), header=header)
    before = counts(directory_app)
    answer = send(office.reviewer, data)
    assert answer.json()["code"] == "IMPORT_REFUSED"
    assert [(each["title"], each["code"]) for each in answer.json()["findings"]] == [
        ("冒用号段的", "IDENTIFIER_RESERVED")
    ]
    assert counts(directory_app) == before


def test_xml_from_elsewhere_keeps_its_identifiers(office: Any) -> None:
    record = Resource.model_validate(
        {
            "title": "外省目录",
            "provider": {"name": "外省厅"},
            "identifier": "11000/A00034VG345",
            "code": "BA6006/000218",
        }
    )
    data = core_metadata_xml.write(record)
    assert send(office.reviewer, data, "外省.xml").json()["added"] == 1
    assert send(office.reviewer, data, "外省.xml").json()["unchanged"] == 1


def test_an_editor_imports_only_their_own(department: Any, office: Any, directory_app: Any) -> None:
    before = counts(directory_app)
    theirs = send(department.editor, workbook(("乙", "没有登记的局", "二", "每年", "", "csv")))
    assert theirs.json()["code"] == "FORBIDDEN"
    assert "，文件里有" in theirs.json()["detail"]
    assert counts(directory_app) == before
    own = workbook(("乙", department.editor.actor.org_name, "二", "每年", "", "csv"))
    assert send(department.editor, own).json()["added"] == 1
    assert send(department.head, own).json()["code"] == "FORBIDDEN"


def test_a_provisional_department_is_confirmed_under_its_code(office: Any, directory_app: Any) -> None:
    send(office.reviewer, workbook(("丙", "导入市林业局", "三", "每年", "", "csv")))
    with directory_app.state.sessions.begin() as session:
        found = session.scalars(select(Organisation).where(Organisation.name == "导入市林业局")).one()
        assert (found.is_confirmed, found.real_code) == (False, "")
        add_organisation(session, code="11330100MB0000262E", name="导入市林业局", prefix="33999")
    with directory_app.state.sessions() as session:
        entry = session.scalars(select(ResourceEntry).where(ResourceEntry.title == "丙")).one()
        assert entry.org_code == "11330100MB0000262E"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("文本.xlsx", "不是工作簿".encode(), "FILE_NOT_WORKBOOK"),
        ("截断.xlsx", workbook(("甲", "某局", "", "", "", ""))[:900], "FILE_NOT_WORKBOOK"),
        ("空.csv", b"", "FILE_EMPTY"),
        ("表头不对.csv", "甲,乙\n1,2\n".encode(), "HEADERS_UNKNOWN"),
        ("实体.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "XML_FORBIDDEN"),
        ("别的.xml", b"<a/>", "XML_NOT_METADATA"),
        ("断.xml", b"<a>", "XML_MALFORMED"),
        ("压缩.zip", b"PK\x03\x04", "FORMAT_UNKNOWN"),
    ],
)
def test_bad_files_are_refused_by_name(office: Any, directory_app: Any, name: str, data: bytes, code: str) -> None:
    before = counts(directory_app)
    answer = send(office.reviewer, data, name)
    assert (answer.json()["code"], answer.status_code < 500) == (code, True)
    assert counts(directory_app) == before


def test_nobody_signed_in_imports_nothing(city: Any) -> None:
    assert city.client().post(ROUTE, files={"file": ("a.csv", b"x")}).status_code in {401, 403}
    assert send(city.person(city.organisation(), Role.REQUESTER), b"x", "a.csv").status_code == 403


def assessed(title: str, name: str, **more: Any) -> Resource:
    assessment = Assessment(
        kind="secrecy", assessor="甲", assessed_on=date(2025, 9, 30), conclusion="可以共享", subject_digest="0" * 64
    )
    return Resource(title=title, provider=Party(name=name), assessments=(assessment,), **more)


def test_no_assessment_is_taken_on_a_files_word(office: Any, directory_app: Any) -> None:
    data = core_metadata_xml.write(assessed("水库水位", "导入市水务局"))
    done = send(office.reviewer, data, "水库.xml").json()
    assert (done["added"], done["refused"], done["unassessed"]) == (1, [], ["水库.xml：水库水位"])
    with directory_app.state.sessions() as session:
        entry = session.scalars(select(ResourceEntry).where(ResourceEntry.title == "水库水位")).one()
        record = session.scalars(select(ResourceVersion.record).where(ResourceVersion.resource_id == entry.id)).one()
    assert record.assessments == ()
    again = send(office.reviewer, data, "水库.xml").json()
    assert (again["added"], again["unchanged"], again["unassessed"]) == (0, 1, [])


def test_an_exported_entry_is_known_by_its_identifier(department: Any, directory_app: Any) -> None:
    """Made by hand, exported once it was published, and imported again: the same entry."""
    name = department.editor.actor.org_name
    made = department.editor.client.post("/api/v1/resources", json={"title": "雨量", "provider": {"name": name}}).json()
    exported = department.editor.client.get(f"/api/v1/resources/{made['id']}").json()["record"]
    exported |= {"published_on": "2025-10-09"}
    exported["assessments"] = assessed("雨量", name).model_dump(mode="json")["assessments"]
    before = counts(directory_app)
    for title, expected in (("雨量", (0, 1, 0)), ("雨量改", (0, 0, 1))):
        data = core_metadata_xml.write(Resource.model_validate_json(json.dumps(exported | {"title": title})))
        done = send(department.editor, data, "雨量.xml").json()
        assert (done["added"], done["unchanged"], len(done["differing"])) == expected
    assert counts(directory_app) == before


def test_a_row_of_which_nothing_can_be_taken_stops_all(office: Any, directory_app: Any) -> None:
    row = ("养老机构信息", "导入市民政局", "一", "每年", "", "csv")
    data = workbook(row, ("长" * 600, *row[1:]))
    before = counts(directory_app)
    refused = send(office.reviewer, data)
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPORT_REFUSED")
    assert [each["code"] for each in refused.json()["findings"]] == ["IMPORT_CELLS_BROKEN"]
    assert counts(directory_app) == before
    done = send(office.reviewer, data, only_good="true").json()
    assert (done["is_dry_run"], done["added"], len(done["refused"])) == (False, 1, 1)


def test_a_record_of_an_answer_that_makes_no_entry_stops_all(office: Any, directory_app: Any) -> None:
    csw, dc = "http://www.opengis.net/cat/csw/2.0.2", "http://purl.org/dc/elements/1.1/"
    sound = f'<title xmlns="{dc}">道路</title><publisher xmlns="{dc}">导入市公路局</publisher>'
    records = "".join(f"<Record>{inside}</Record>" for inside in (sound, ""))
    data = f'<GetRecordsResponse xmlns="{csw}">{records}</GetRecordsResponse>'.encode()
    before = counts(directory_app)
    assert send(office.reviewer, data, "应答.xml").json()["code"] == "IMPORT_REFUSED"
    assert counts(directory_app) == before
    done = send(office.reviewer, data, "应答.xml", only_good="true").json()
    assert (done["added"], len(done["refused"])) == (1, 1)

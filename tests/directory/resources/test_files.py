"""The workbook to fill in, and entries handed out in every format of the registry."""

import io
from typing import Any

import openpyxl
import pytest

from directory.resources.exporting import FORMATS, XLSX_MEDIA_TYPE, file_name, losses, publisher
from directory.resources.reading import read_file
from metadata.formats.rdf import dcat
from metadata.resource import Mount, Party, Resource

TEMPLATE = "/api/v1/resources/template"
OFFICE = publisher("示例市", "http://testserver/")


def test_a_department_gets_its_workbook(department: Any) -> None:
    answer = department.editor.client.get(TEMPLATE)
    assert answer.headers["content-type"] == XLSX_MEDIA_TYPE
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["目录", "信息项", "填写说明", "代码表"]
    assert department.editor.actor.org_name in book["填写说明"]["A2"].value


def test_what_was_filled_in_can_be_imported(department: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(department.editor.client.get(TEMPLATE).content))
    columns = {cell.value.rstrip("*"): cell.column for cell in book["目录"][1]}
    for label, value in (("信息资源名称", "低保人员"), ("信息资源提供方", department.editor.actor.org_name)):
        book["目录"].cell(2, columns[label], value)
    stream = io.BytesIO()
    book.save(stream)
    (incoming,) = read_file(stream.getvalue(), "目录.xlsx").records
    assert incoming.record.title == "低保人员"


def test_another_departments_workbook_is_the_offices_to_give(department: Any, office: Any, city: Any) -> None:
    other = city.organisation()
    assert department.editor.client.get(TEMPLATE, params={"provider": other}).json()["code"] == "FORBIDDEN"
    assert office.reviewer.client.get(TEMPLATE, params={"provider": other}).status_code == 200
    assert department.editor.client.get(TEMPLATE, params={"provider": "没有"}).status_code == 404
    assert city.client().get(TEMPLATE).status_code == 401


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"docx"}))  # which is for reading
def test_every_format_can_be_read_again(name: str) -> None:
    form = FORMATS[name]
    resource = Resource(
        title="=低保人员", provider=Party(name="示例市民政局"), keywords=("低保", "𠮷"), identifier="11000/A1"
    )
    (incoming,) = read_file(form.write([resource], OFFICE), file_name("11000/A1", form)).records
    assert incoming.record == resource
    assert file_name("11000/A1", form) == f"11000~A1{form.suffix}"


@pytest.mark.parametrize("name", ["dcat", "rdf", "jsonld"])
def test_dcat_files_are_imported_like_any_other(name: str, department: Any) -> None:
    form = FORMATS[name]
    record = Resource.model_validate(department.draft(title=f"DCAT 目录 {name}"))
    data = form.write([record, record.model_copy(update={"title": f"另一条 {name}"})], OFFICE)
    files = {"file": (f"目录{form.suffix}", data)}
    answer = department.editor.client.post("/api/v1/resources/import", files=files)
    assert (answer.status_code, answer.json()["added"]) == (200, 2), answer.text
    again = department.editor.client.post("/api/v1/resources/import", files=files).json()
    assert (again["added"], again["unchanged"]) == (0, 2)


@pytest.mark.parametrize("suffix", [".xml", ".rdf"])
def test_an_xml_file_is_what_its_root_says(suffix: str) -> None:
    record = Resource(title="低保人员", provider=Party(name="示例市民政局"))
    assert read_file(FORMATS["rdf"].write([record], OFFICE), f"目录{suffix}").source == "rdf"
    assert read_file(FORMATS["dc"].write([record], OFFICE), "目录.xml").source == "dublin_core"
    assert read_file(FORMATS["xml"].write([record], OFFICE), "目录.xml").source == "xml"


def test_what_a_format_does_not_hold_is_counted() -> None:
    few = Resource(title="甲", provider=Party(name="某局"), keywords=("a",))
    more = few.model_copy(update={"keywords": ("a", "b"), "mounts": (Mount(mount_id="m", node="n", table="t"),)})
    assert losses(FORMATS["xml"], [few, more]) == {}
    assert losses(FORMATS["csv"], [few, more]) == {"挂接资源": 1}
    assert losses(FORMATS["dcat"], [few, more, more]) == dict.fromkeys(dcat.not_held(more), 2)

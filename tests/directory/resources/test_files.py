"""The workbook to fill in, and entries handed out in every format of the registry."""

import io
from typing import Any

import openpyxl
import pytest

from directory.resources.exporting import FORMATS, XLSX_MEDIA_TYPE, file_name, publisher
from directory.resources.reading import read_file
from metadata.resource import Party, Resource

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


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_can_be_read_again(name: str) -> None:
    form = FORMATS[name]
    resource = Resource(
        title="=低保人员", provider=Party(name="示例市民政局"), keywords=("低保", "𠮷"), identifier="11000/A1"
    )
    (incoming,) = read_file(form.write([resource], OFFICE), file_name("11000/A1", form)).records
    assert incoming.record == resource
    assert file_name("11000/A1", form) == f"11000~A1{form.suffix}"

"""What a search finds as a file: the same filters, the same visibility, every format; too many are refused."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import docx
import pytest

from directory.resources.exporting import FORMATS
from directory.resources.reading import read_file
from directory.roles import Role
from directory.search import export_api

EXPORT = "/api/v1/resources/export"


@pytest.fixture
def clerk(city: Any, shelf: Any) -> Any:
    """Somebody of the shelf's department."""
    return city.person(shelf.editor.org_code, Role.REQUESTER)


def export(person: Any, **asked: Any) -> Any:
    answer = person.client.get(EXPORT, params=asked)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"docx"}))
def test_a_search_is_handed_out_in_every_format(name: str, shelf: Any, clerk: Any) -> None:
    titles = {f"导出甲{name}", f"导出乙{name}"}
    shelf.add(*titles, library="population")
    shelf.add(f"导出丙{name}", library="legal_person")
    answer = export(clerk, q=f"导出 {name}", library="population", format=name)
    form, data = FORMATS[name], answer.content
    files = {f"x{form.suffix}": data}
    if form.is_per_entry:
        archive = zipfile.ZipFile(io.BytesIO(data))
        files = {each: archive.read(each) for each in archive.namelist()}
    found = {each.record.title for file, held in files.items() for each in read_file(held, file).records}
    assert found == titles
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


def test_a_search_is_handed_out_as_a_document(shelf: Any, clerk: Any) -> None:
    shelf.add("文档甲", "文档乙")
    document = docx.Document(io.BytesIO(export(clerk, q="文档", format="docx").content))
    headings = [each.text for each in document.paragraphs if each.style.name == "Heading 2"]
    assert sorted(each.partition("　")[2] for each in headings) == ["文档乙", "文档甲"]


def test_a_formula_stays_a_text(shelf: Any, clerk: Any) -> None:
    shelf.add("=1+1公式")
    assert "'=1+1公式" in export(clerk, q="公式", format="csv").content.decode("utf-8-sig")


def test_others_get_what_they_see(city: Any, shelf: Any) -> None:
    shelf.add("导出草稿")
    stranger = city.person(city.organisation(), Role.REQUESTER)
    assert "导出草稿" not in export(stranger, q="导出草稿", format="csv").text
    assert city.client().get(EXPORT).status_code == 401


def test_what_the_format_cannot_hold_is_said(shelf: Any, clerk: Any) -> None:
    shelf.add("有挂接的", keywords=("b", "a"))
    said = json.loads(unquote(export(clerk, q="有挂接的", format="dcat").headers["x-not-held"]))
    assert said == {"关键字、分类、格式、关联代码、链接的先后次序": 1}


def test_too_many_and_unknown_formats_are_refused(shelf: Any, clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.add("很多甲", "很多乙")
    monkeypatch.setattr(export_api, "FORMATS", {"xlsx": replace(FORMATS["xlsx"], most=1)})
    refused = clerk.client.get(EXPORT, params={"q": "很多"})
    assert (refused.status_code, refused.json()["code"]) == (413, "EXPORT_TOO_MANY")
    refused = clerk.client.get(EXPORT, params={"format": "pdf"})
    assert (refused.status_code, refused.json()["code"]) == (422, "EXPORT_FORMAT_UNKNOWN")
    assert clerk.client.get(EXPORT, params={"nonsense": "1"}).status_code == 422


def test_the_page_leads_to_the_files(city: Any, shelf: Any, clerk: Any) -> None:
    shelf.add("页面导出")
    page = city.browser(clerk.actor.username).get("/resources?q=页面导出").text
    assert "/api/v1/resources/export?q=%E9%A1%B5%E9%9D%A2%E5%AF%BC%E5%87%BA&amp;format=xlsx" in page


def test_a_file_is_narrowed_by_what_the_data_are_in(shelf: Any, clerk: Any) -> None:
    shelf.add("按格式甲", formats=[{"category": "电子表格", "types": ["xls"]}])
    shelf.add("按格式乙", formats=[{"category": "数据库", "types": ["mysql"]}])
    text = export(clerk, q="按格式", data_format="mysql", format="csv").content.decode("utf-8-sig")
    assert ("按格式甲" in text, "按格式乙" in text) == (False, True)

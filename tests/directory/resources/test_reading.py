"""Documents of other catalogues: wrapped records are taken out, and whatever no entry says is named in one finding."""

import re

import pytest

from directory.resources.reading import read_file
from metadata.resource import Party
from standards.errors import ExplainedError

CITY = Party(name="示例市自然资源局")
CSW, DC = "http://www.opengis.net/cat/csw/2.0.2", "http://purl.org/dc/elements/1.1/"
OAI = "http://www.openarchives.org/OAI/2.0/"


def record(*elements: tuple[str, str], name: str = "Record") -> str:
    inside = "".join(f'<{each} xmlns="{DC}">{text}</{each}>' for each, text in elements)
    return f'<csw:{name} xmlns:csw="{CSW}">{inside}</csw:{name}>'


def answer(*records: str, name: str = "GetRecordsResponse") -> bytes:
    return (
        f'<csw:{name} xmlns:csw="{CSW}"><csw:SearchResults>{"".join(records)}</csw:SearchResults></csw:{name}>'.encode()
    )


ROADS = record(("title", "道路"), ("publisher", "交通局"))
RIVERS = record(("title", "河流"), ("publisher", "水利局"), name="SummaryRecord")


def test_records_are_taken_out_of_answers() -> None:
    found = read_file(answer(ROADS, RIVERS), "应答.xml")
    assert [(each.record.title, each.place) for each in found.records] == [
        ("道路", "应答.xml 第 1 条"),
        ("河流", "应答.xml 第 2 条"),
    ]
    assert (found.source, found.rows, found.findings) == ("dublin_core", 2, ())
    one = f'<csw:GetRecordByIdResponse xmlns:csw="{CSW}">{ROADS}</csw:GetRecordByIdResponse>'
    assert [each.record.title for each in read_file(one.encode(), "一条.xml").records] == ["道路"]
    harvested = (
        f'<OAI-PMH xmlns="{OAI}"><ListRecords><record><metadata><o:dc xmlns:o="{OAI}oai_dc/">'
        f'<title xmlns="{DC}">湖泊</title></o:dc></metadata></record></ListRecords></OAI-PMH>'
    )
    assert [each.record.title for each in read_file(harvested.encode(), "收割.xml", CITY).records] == ["湖泊"]


def test_an_answer_without_records_is_refused_with_what_to_ask_for() -> None:
    with pytest.raises(ExplainedError) as refused:
        read_file(answer(), "空.xml")
    assert (refused.value.code, "ElementSetName=full" in refused.value.next_step) == ("XML_NO_RECORDS", True)


def test_a_record_that_makes_no_entry_keeps_none_of_the_others_back() -> None:
    found = read_file(answer(record(("publisher", "某局")), ROADS), "应答.xml")
    assert [each.record.title for each in found.records] == ["道路"]
    assert [(each.severity, each.rule, "标题" in each.problem) for each in found.findings] == [
        ("error", "document.record", True)
    ]
    with pytest.raises(ExplainedError) as refused:
        read_file(answer(record(("publisher", "某局"))), "应答.xml")
    assert refused.value.code == "METADATA_INCOMPLETE"


def test_what_no_entry_says_is_named_once_and_in_bounds() -> None:
    more = [("title", "第二个名称"), *((f"x{number}", "甲" * 5_000) for number in range(60)), ("x1", "乙")]
    found = read_file(answer(record(("title", "道路"), ("publisher", "交通局"), *more)), "应答.xml")
    (said,) = found.findings
    assert (said.rule, said.severity, said.problem.startswith("未采用：文件里有 62 处")) == (
        "document.unread",
        "warning",
        True,
    )
    assert "title“第二个名称”" in said.problem
    assert "x1“甲" in said.problem
    assert "等 61 种" in said.problem
    assert len(said.problem) < 2_000
    assert said.problem_en.isascii()


def test_json_is_read_as_json_ld() -> None:
    text = """{"@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
      "@type": "dcat:Dataset", "dct:title": "道路", "dct:publisher": "交通局", "dct:rights": "内部"}"""
    found = read_file(text.encode(), "目录.json")
    assert [each.record.title for each in found.records] == ["道路"]
    assert "dct:rights“内部”" in found.findings[0].problem
    with pytest.raises(ExplainedError) as refused:
        read_file(b'{"rows": []}', "别的.json")
    assert refused.value.code == "RDF_EMPTY"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"x,y\n1,2\n"),
        ("a.csv", "资源名称,资源名称,来源部门\n1,2,3\n".encode()),
        ("a.csv", b"\xff\xff\xff"),
        ("a.csv", "资源名称,来源部门\n".encode() + b'"x'),
        ("a.csv", b"x" * 40_000),
        ("a.xlsx", b"<html>"),
        ("a.xlsx", b"<?xml"),
        ("a.xlsx", b"PK\x03\x04broken"),
        ("a.xls", b"\xd0\xcf\x11\xe0broken"),
        ("a.ods", b"x"),
        ("a.xml", b"<a/>"),
        ("a.xml", answer()),
        ("a.xml", answer(record(("publisher", "A")))),
        ("a.ttl", b"<a>"),
        ("a.ttl", b"<http://x> a <http://www.w3.org/ns/dcat#Dataset> ."),
    ],
)
def test_the_english_of_a_refusal_is_english(name: str, data: bytes) -> None:
    with pytest.raises(ExplainedError) as refused:
        read_file(data, name)
    said = refused.value.en.replace("资源名称", "")  # of the file itself
    assert re.search("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", said) is None, said
    assert re.search("[\u4e00-\u9fff]", refused.value.zh)

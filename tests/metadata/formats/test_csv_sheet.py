"""Texts in the encodings that departments send, told apart by what they say; what was lost before is pointed at."""

import lzma
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.errors import MetadataError
from metadata.formats.csv_sheet import is_protected, protect
from metadata.formats.doctor.csv_repair import repair_csv
from metadata.formats.sheet import Sheet
from metadata.formats.spreadsheet import read
from metadata.formats.text_encoding import Decoded, decode
from metadata.formats.workbook import drafts

CATALOGUES = Path(__file__).parents[4] / "shared" / "data" / "catalogue"
HEADER = "信息资源名称,信息资源提供方,摘要"
LINE = "龙门石窟保护区范围,㐂市自然资源局,含生僻字：𠮷、䶮、㛃"


def _sheet(data: bytes) -> Sheet:
    (sheet,) = read(data, "目录.csv")
    return sheet


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("gb18030", "GB 18030"),
    ],
)
def test_rare_characters_are_kept_exactly(codec: str, label: str) -> None:
    sheet = _sheet(f"{HEADER}\r\n{LINE}\r\n".encode(codec))
    assert [row.cells for row in sheet.rows] == [tuple(HEADER.split(",")), tuple(LINE.split(","))]
    assert sheet.encoding == label


def test_big5_is_told_from_gb_18030() -> None:
    traditional = "資料集名稱,提供機關名稱,摘要\n臺北市低收入戶,社會局,戶政資料"
    simplified = "资源名称,来源部门,摘要\n低保人员名单,民政局,救助"
    assert _sheet(traditional.encode("big5")).encoding == "Big5"
    assert _sheet(traditional.encode("gb18030")).encoding == "GB 18030"
    assert _sheet(simplified.encode("gb18030")).encoding == "GB 18030"
    (draft,) = drafts(traditional.encode("big5"), "目录.csv").drafts
    assert (draft.resource.title, draft.resource.provider.name) == ("臺北市低收入戶", "社會局")


@pytest.mark.skipif(not CATALOGUES.exists(), reason=f"{CATALOGUES} is not here")
@pytest.mark.parametrize(
    ("file", "codec"),
    [("tw_county_catalogues_2018.csv.xz", "big5"), ("cn_guangxi_open_data_catalogue_2021.csv.xz", "gb18030")],
)
def test_single_lines_of_real_catalogues(file: str, codec: str) -> None:
    """The hardest case: one line, often of a dozen characters."""
    wrong = 0
    for line in lzma.decompress((CATALOGUES / file).read_bytes()).decode().splitlines()[:3_000]:
        data = line.encode(codec, "ignore")
        found = decode(data)
        wrong += not isinstance(found, Decoded) or found.text != data.decode(codec)
    assert wrong == 0


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("资源名称,来源部门\n甲,".encode() + "乙局".encode("gb18030"), "第 2 行第 2 列"),
        ("资源名称,来源部门\n甲乙丙丁,戊己庚辛".encode() + b"\xff\xfe,x", "第 2 行第 2 列"),
        ("资源名称,来源部门,摘要\n".encode() + "甲,乙,丙".encode()[:-1], "第 2 行第 3 列"),
        ("a,b".encode("utf-16") + b"\x00", "第 1 行"),
        # one byte of a UTF-8 text spoilt so that GB 18030 could read the whole, as other words
        (
            "资源名称,来源部门\n低保人员名单,民政局\n".encode().replace("局".encode(), "局".encode()[:2] + b"A"),
            "第 2 行",
        ),
    ],
)
def test_bytes_that_are_no_character_are_pointed_at(data: bytes, place: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read(data, "目录.csv")
    assert caught.value.code == "FILE_ENCODING_UNKNOWN"
    assert place in caught.value.zh


def test_characters_lost_before_are_pointed_at() -> None:
    lines = [HEADER, "名单,?市民政局,含生僻字：?、?", "登记\ufffd表,民政局,是否公开?", "网址,民政局,http://a/?b=1"]
    found = drafts("\n".join(lines).encode(), "目录.csv")
    assert [(each.row, each.column, each.rule) for each in found.findings] == [
        (2, "B", "workbook.lost_character"),
        (2, "C", "workbook.lost_character"),
        (3, "A", "workbook.lost_character"),
    ]
    assert "第 6、8 个字" in found.findings[1].problem
    assert "第 3 个字" in found.findings[2].problem
    assert len(found.drafts) == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    text = f"资源名称{delimiter}来源部门{delimiter}关键字\n甲{delimiter}民政局{delimiter}一、二\n"
    (draft,) = drafts(text.encode(), "目录.csv").drafts
    assert (draft.resource.title, draft.resource.keywords) == ("甲", ("一", "二"))


def test_blank_cells_at_the_end_of_rows_are_no_fault() -> None:
    text = "资源名称,来源部门,摘要,,\n甲,民政局,丙\n乙,民政局,丁,,,,\n丙,民政局\n丁,民政局,戊,多\n戊,民政局,己,,,多\n"
    found = drafts(text.encode(), "目录.csv")
    assert [draft.resource.title for draft in found.drafts] == ["甲", "乙", "丁"]
    assert [(each.row, each.rule) for each in found.findings] == [
        (1, "workbook.column"),
        (4, "workbook.ragged"),
        (6, "workbook.ragged"),
    ]


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_protection_comes_off_again(text: str) -> None:
    written = protect(text)
    assert (written[1:] if is_protected(written) else written) == text
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_protected_cell_is_read_as_what_it_says() -> None:
    (draft,) = drafts("资源名称,来源部门\n'=1+1,'民政局".encode(), "目录.csv").drafts
    assert (draft.resource.title, draft.resource.provider.name) == ("=1+1", "'民政局")


@pytest.mark.parametrize("delimiter", ["|", "，", "｜", "；"])
def test_other_marks_part_cells_where_the_lines_agree_on_them(delimiter: str) -> None:
    lines = ["信息资源名称,信息资源提供方,信息资源摘要", "道路,交通局,有名称; 有长度", "桥梁,交通局,跨径"]
    sheet = _sheet("\n".join(line.replace(",", delimiter) for line in lines).encode())
    assert [row.cells for row in sheet.rows] == [tuple(line.split(",")) for line in lines]


def test_a_comma_of_writing_parts_no_cells_of_a_usual_file() -> None:
    lines = "示例市目录，二〇二四年", HEADER, "道路,交通局,名称，长度", "桥梁,交通局,跨径，荷载"
    sheet = _sheet("\n".join(lines).encode())
    assert sheet.rows[1].cells == tuple(HEADER.split(","))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_without_its_mark(codec: str) -> None:
    data = f"{HEADER}\r\n{LINE}\r\n".encode(codec)
    sheet = _sheet(data)
    assert (sheet.encoding, sheet.rows[1].cells) == ("UTF-16", tuple(LINE.split(",")))
    back = repair_csv(data, "目录.csv", {(2, 2): "换了"})
    assert back.decode(codec).splitlines()[1].endswith(",换了")
    assert back[:2] == data[:2]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_may_hold_characters_with_a_zero_byte_of_their_own(codec: str) -> None:
    text = "资源名称,来源部门\r\n一件事开办一览,开封路街道\r\n"  # 一 is U+4E00, 开 U+5F00
    assert _sheet(text.encode(codec)).rows[1].cells == ("一件事开办一览", "开封路街道")


def test_a_cell_of_a_file_parted_by_full_width_commas_is_repaired_in_place() -> None:
    data = "资源名称，来源部门\n道路，交通局\n桥梁，交通局\n".encode()
    assert repair_csv(data, "目录.csv", {(2, 1): "公路局"}).decode().splitlines()[1] == "道路，公路局"

"""What single values are taken for, and any sheet at all: repaired once, there is nothing left to repair."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.formats.column_mapping import propose
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import Known, Repair
from metadata.formats.doctor.repair import repair
from metadata.formats.spreadsheet import read
from tests.metadata.formats.doctor.department_workbook import CIVIL, CIVIL_CODE, HEADER, HOUSING, HOUSING_CODE, KNOWN

NOTHING = ("nothing", False)


def table(*rows: tuple[str, ...]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def examine(data: bytes, known: Known = KNOWN) -> tuple[Repair, ...]:
    sheets = read(data, "目录.csv")
    return diagnose(sheets, propose(sheets), known)


def look(header: str, *values: str, known: Known = KNOWN) -> list[tuple[str | None, bool]]:
    """What the last value of a column should be, beside titles that are all different."""
    rows = [(f"{'甲乙丙丁戊己庚辛'[number]}类登记信息", HOUSING, value) for number, value in enumerate(values)]
    found = examine(table(("资源名称", "提供方", header), *rows), known)
    return [(each.after, each.is_certain) for each in found if each.row == len(values) + 1] or [NOTHING]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2021-03-05", NOTHING),
        ("2021-06-22 18:26:40", NOTHING),
        ("待定", NOTHING),
        ("2021/6/23", ("2021-06-23", True)),
        ("2021/6/23 8:05", ("2021-06-23", True)),
        ("2021 年 3 月 5 日", ("2021-03-05", True)),
        ("二〇二一年十二月二十五日", ("2021-12-25", True)),
        ("44260", ("2021-03-05", True)),
        ("44260.5", ("2021-03-05", True)),
        ("13/5/2021", ("2021-05-13", False)),
        ("3/5/2021", (None, False)),
        ("2021年2月30日", (None, False)),
        ("2021年3月", (None, False)),
        ("20211305", (None, False)),
        ("99999", (None, False)),
    ],
)
def test_dates(text: str, after: tuple[str | None, bool]) -> None:
    assert look("发布日期", text) == [after]


@pytest.mark.parametrize(
    ("header", "text", "after"),
    [
        ("数据存储总量(GB)", "35", NOTHING),
        ("数据存储总量(GB)", "0.5", NOTHING),
        ("数据存储总量(GB)", "不详", NOTHING),
        ("数据存储总量(GB)", "３５ＧＢ", ("35", True)),
        ("数据存储总量(GB)", "1,024.50 G", ("1024.5", True)),
        ("数据存储总量(GB)", "350MB", ("0.35", False)),
        ("数据存储总量(GB)", "约35GB", ("35", False)),
        ("数据存储总量(GB)", "10-20GB", (None, False)),
        ("数据存储总量(GB)", "1KB多", ("0.000001", False)),
        ("数据存储总量(GB)", "0.1KB", (None, False)),  # more places than the record holds
        ("结构化信息记录总数(万条)", "12000条", ("1.2", True)),
        ("结构化信息记录总数(万条)", "1.2亿", ("12000", True)),
        ("结构化信息记录总数(万条)", "3千条记录", ("0.3", True)),
        ("结构化信息记录总数(万条)", "1,884", ("1884", True)),
        ("结构化信息记录总数(万条)", "0.1条", ("0.00001", True)),
        ("数据长度", "VARCHAR(50)", ("50", True)),
        ("数据长度", "18 个字符", ("18", True)),
        ("数据长度", "最大200字", ("200", False)),
        ("数据长度", "20字节", ("20", False)),
        ("数据长度", "10,2", (None, False)),
        ("数据长度", "0位", (None, False)),
    ],
)
def test_amounts(header: str, text: str, after: tuple[str | None, bool]) -> None:
    assert look(header, text) == [after]


@pytest.mark.parametrize(
    ("header", "text", "after"),
    [
        ("共享类型", "无条件", NOTHING),  # a spelling that the reader knows
        ("共享类型", "部分共享", NOTHING),  # no number: the reader says what is wrong
        ("共享类型", "（2）有条件共享", ("有条件共享", True)),
        ("共享类型", "无条件共享 1", ("无条件共享", True)),
        ("共享类型", "1 有条件共享", ("有条件共享", False)),
        ("共享类型", "【3】", (None, False)),
        ("是否向社会开放", "1", ("是", False)),
        ("是否向社会开放", "2", (None, False)),
        ("是否向社会开放", "0-不予开放", ("不予开放", True)),
        ("更新周期", "每月更新", ("每月", True)),
        ("更新周期", "4", (None, False)),
        ("更新周期", "9.实时", ("实时", True)),
        ("共享方式类型", "1数据库、3服务接口", ("数据库、服务接口", True)),
        ("信息资源格式分类", "2-电子表格", ("电子表格", True)),
    ],
)
def test_labels(header: str, text: str, after: tuple[str | None, bool]) -> None:
    assert look(header, text) == [after]


@pytest.mark.parametrize(
    ("codes", "after"),
    [
        (("3070/000001", "3070/000002", "3070/000005", "BA6006/000218"), NOTHING),  # somebody else's scheme
        (("3070/000001", "3070/000002", "3070/000005", "3070/8"), ("3070/000008", True)),
        (("3070/000001", "3070/000002", "3070/000005", "3070/5"), (None, False)),  # would stand twice
        (("3070/000001", "3070/000002", "3070/000005", "3070000008"), ("3070/000008", False)),
        (("3070/000001", "3070/000002", "3070/000005", "无代码"), (None, False)),
        (("3070/000001", "3070/000002", "3070/000005", "3070\\000008"), ("3070/000008", True)),
        (("000101", "000205", "000307", "41"), ("000041", True)),
        (("100101", "100205", "100307", "41"), ("000041", False)),
        (("1", "22", "333"), NOTHING),  # no custom to be seen
        (("307001000031", "307001000045", "307001000052", "3.07001E+11"), (None, False)),
        (("3070/000001", "3070/000001"), ("", False)),  # one code of two entries
    ],
)
def test_codes(codes: tuple[str, ...], after: tuple[str | None, bool]) -> None:
    assert look("资源代码", *codes) == [after]


OWN = frozenset({(HOUSING, "甲类登记信息")})


def test_a_lost_code_is_restored_from_the_only_one_it_can_be() -> None:
    known = Known(KNOWN.organisations, frozenset({"307001000031", "307002000031", "30700100003"}), OWN)
    assert look("资源代码", "3.07001E+11", known=known) == [("307001000031", True)]
    known = Known(KNOWN.organisations, frozenset({"307001000031", "307001000032"}))
    assert look("资源代码", "3.07001E+11", known=known) == [(None, False)]


@pytest.mark.parametrize(
    ("title", "is_found"),
    [
        ("城建档案系统", True),
        ("不动产登记平台（二期）", True),
        ("粮库管理系统V3.2", True),
        ("掌上办事APP", True),
        ("城建档案系统用户信息", False),
        ("生态系统", False),
        ("湿地生态系统", False),
        ("人口基础信息库", False),  # a good name of data, though none of a department
        ("平台", False),
    ],
)
def test_names_of_systems(title: str, is_found: bool) -> None:
    found = examine(table(("资源名称", "提供方"), (title, HOUSING)))
    assert bool(found) == is_found


@pytest.mark.parametrize(
    ("above", "provider", "after"),
    [
        ("填报单位：示例市水务局", "", ("示例市水务局", True)),
        ("示例市水务局2026年政务信息资源目录", "", ("示例市水务局", True)),
        (f"{CIVIL}数据资源", "", (CIVIL, True)),
        ("政务信息资源目录", "", (None, False)),
        ("填报单位：示例市水务局", "水务一张图平台", ("示例市水务局", True)),
        ("说明", "人口信息库", (None, False)),
    ],
)
def test_departments_from_what_stands_above(above: str, provider: str, after: tuple[str | None, bool]) -> None:
    found = examine(table((above, ""), ("资源名称", "提供方"), ("取水许可信息", provider)))
    assert [(each.after, each.is_certain) for each in found] == [after]


def test_names_that_only_look_alike_are_left() -> None:
    titles = ("表1.2", "表12", "2019-2020年名单", "20192020年名单", "C语言考试", "C++考试", "名单😀", "名单😁", "。。")
    assert examine(table(("资源名称", "提供方"), *((title, HOUSING) for title in titles))) == ()


POOLS = {
    "title": ["城建档案系统", "许可信息", "许可信息 。", "许可的信息", "目录1", "目录2", "目录3", "許可信息", "=1", ""],
    "provider": [HOUSING, CIVIL, "示例市 民政局", "城建档案系统", "城建信息库", "", "@x"],
    "provider_code": [HOUSING_CODE, CIVIL_CODE, HOUSING_CODE[:-1] + "2", CIVIL_CODE[:15], "1.14501E+17", "7", ""],
    "code": ["3070/000031", "3070/000032", "3070/000033", "3070/34", "35", "3.07E+11", "３０７０／000036", "x", ""],
    "any": [
        "电子文件",
        "数据库",
        "mysql",
        "pdf、jpg",
        "35 GB",
        "1.2万条",
        "2-有条件",
        "1",
        "是/1",
        "不予共享",
        "3",
        "适时",
    ],
    "date": ["2021年3月5日", "44260", "21/3/5", "2021-03-05", "😀𠮷", "长" * 300, "\t=1"],
}
ANY = st.sampled_from([*POOLS["any"], *POOLS["date"], ""])
COLUMNS = [st.sampled_from(POOLS[each]) for each in ("title", "provider", "provider_code", "code")]
ROWS = st.lists(st.tuples(*COLUMNS, *[ANY] * (len(HEADER) - len(COLUMNS))), min_size=1, max_size=7)


@given(ROWS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_sheet_is_repaired_at_once(rows: list[tuple[str, ...]], is_known: bool) -> None:
    """Every proposal taken, a second look proposes nothing; the certain ones alone, nothing certain."""
    known = (
        Known(KNOWN.organisations, frozenset({"3070/000032"}), frozenset({(HOUSING, "许可信息")}))
        if is_known
        else Known()
    )
    data = table(HEADER, *rows)
    found = examine(data, known)
    assert len({(each.row, each.column) for each in found}) == len(found)
    for chosen in (found, tuple(each for each in found if each.is_certain)):
        repaired = repair(data, "目录.csv", chosen)
        again = [each for each in examine(repaired, known) if each.after is not None]
        assert [each for each in again if each.is_certain or chosen is found] == []


def test_a_code_without_its_slash_is_told_so() -> None:
    codes = ("307001/000001", "307001/000002", "307001/000003", "307001000006")
    rows = [(f"{'甲乙丙丁'[number]}类登记信息", HOUSING, code) for number, code in enumerate(codes)]
    (found,) = examine(table(("资源名称", "提供方", "资源代码"), *rows))
    assert (found.after, "缺斜杠" in found.reason_zh, "短" in found.reason_zh) == ("307001/000006", True, False)

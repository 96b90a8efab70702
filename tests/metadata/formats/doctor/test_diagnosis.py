"""The ten faults of real sheets, each planted alone and all together: found, repaired, nothing else changed."""

import io
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from metadata.formats.column_mapping import propose
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import FAULTS, Known, Repair
from metadata.formats.doctor.repair import repair
from metadata.formats.sheet import Row, Sheet
from metadata.formats.spreadsheet import read
from metadata.formats.template import write
from metadata.formats.workbook import drafts
from metadata.formats.workbook_cells import to_text
from metadata.formats.workbook_findings import column_letters
from tests.metadata.formats.doctor.department_workbook import (
    CIVIL,
    CIVIL_CODE,
    CLEAN,
    HEADER,
    HOUSING,
    HOUSING_CODE,
    KNOWN,
    examine,
    with_cell,
    workbook,
)

GUANGXI = Path(__file__).parents[5] / "shared" / "data" / "catalogue" / "cn_guangxi_open_data_catalogue_2021.xlsx"
ISSUED = Known(KNOWN.organisations, frozenset({"307099021000/000032", "307099021000/000033", "307099021000/000034"}))

Found = Mapping[str, tuple[str | None, bool]]


@dataclass(frozen=True)
class Plant:
    """A fault put into the clean workbook, and what is to be found: cell -> (repair, whether it is certain)."""

    fault: str
    cells: Mapping[str, object]
    found: Found
    known: Known = field(default=KNOWN)


PLANTS = (
    Plant("system_name", {"A5": "城建档案系统"}, {"A5": (None, False), "O5": ("城建档案系统", True)}),
    Plant("system_name", {"A6": "不动产登记平台V2.0"}, {"A6": (None, False)}),  # O6 holds a system already
    Plant("system_name", {"B6": "城建档案系统"}, {"B6": (HOUSING, False)}),
    Plant("filled_code", {"D4": "307099021000/000032"}, {"D4": ("", False)}, ISSUED),
    Plant(
        "filled_code",
        {"D4": "307099021000/000032", "D5": "307099021000/000033", "D6": "307099021000/000034"},
        {"D4": ("", False), "D5": ("", False), "D6": ("", False)},
        ISSUED,
    ),
    Plant(  # rows of one entry: each an item of it
        "filled_code",
        {"A4": None, "B4": None, "E4": None, "D4": "307099021000/000032", "P4": "编号"},
        {"D4": ("", True)},
    ),
    Plant(
        "filled_code",
        {
            "C4": HOUSING_CODE[:-1] + str(int(HOUSING_CODE[-1]) + 1),
            "C5": HOUSING_CODE[:-1] + str(int(HOUSING_CODE[-1]) + 2),
        },
        {"C4": (HOUSING_CODE, True), "C5": (HOUSING_CODE, True)},
    ),
    Plant(
        "filled_code", {"A7": "目录1", "A8": "目录2", "A9": "目录3"}, dict.fromkeys(("A7", "A8", "A9"), (None, False))
    ),
    Plant(
        "near_duplicate", {"A4": "竣工验收备案信息 。"}, {"A4": ("竣工验收备案信息", False)}
    ),  # two codes: two entries?
    Plant("near_duplicate", {"A6": "竣工验收的备案信息"}, {"A6": ("竣工验收备案信息", False)}),
    Plant("near_duplicate", {"B8": "示例市 民政局"}, {"B8": (CIVIL, True)}),
    Plant("near_duplicate", {"B8": "示例市民政局。"}, {"B8": (CIVIL, True)}),
    Plant("near_duplicate", {"B7": "示例市（民政局）"}, {"B7": (CIVIL, False)}),
    Plant(
        "near_duplicate",
        {"A9": "社會組織登記信息"},
        {"A9": ("社会组织登记信息", False)},
        Known(KNOWN.organisations, titles=frozenset({(CIVIL, "社会组织登记信息")})),
    ),
    Plant("short_code", {"D5": "307099021000/45"}, {"D5": ("307099021000/000045", True)}),
    Plant("short_code", {"D5": "000045"}, {"D5": ("307099021000/000045", False)}),
    Plant("short_code", {"D5": "３０７０９９０２１０００／000045"}, {"D5": ("307099021000/000045", True)}),
    Plant("short_code", {"D5": "3.07099E+17"}, {"D5": (None, False)}),
    Plant("short_code", {"C5": float(HOUSING_CODE[:12] + "000000")}, {"C5": (HOUSING_CODE, True)}),
    Plant("short_code", {"C8": CIVIL_CODE[:15]}, {"C8": (CIVIL_CODE, True)}),
    Plant("short_code", {"C8": CIVIL_CODE.lower().replace("1145", "1145 ")}, {"C8": (CIVIL_CODE, True)}),
    Plant("empty_cell", {"B4": None}, {"B4": (HOUSING, False)}),
    Plant("empty_cell", {"B4": None}, {"B4": (HOUSING, True)}, Known({HOUSING: HOUSING_CODE})),
    Plant("empty_cell", {"E6": "无"}, {"E6": (None, False)}),
    Plant("format_class", {"F3": "电子文件"}, {"F3": ("数据库", True)}),
    Plant("format_class", {"F6": "服务接口"}, {"F6": ("图形图像", False)}),
    Plant("share_method", {"K6": "数据库"}, {"K6": ("文件下载", True)}),
    Plant("share_method", {"K5": "服务接口"}, {"K5": ("文件下载", False)}),
    Plant("share_method", {"J6": "不予共享"}, {"K6": ("", False)}),
    Plant("unit_in_number", {"H3": "35 GB"}, {"H3": ("35", True)}),
    Plant("unit_in_number", {"H3": "1.5TB"}, {"H3": ("1500", False)}),
    Plant("unit_in_number", {"I4": "1.2万条"}, {"I4": ("1.2", True)}),
    Plant("unit_in_number", {"Q4": "长度 18位"}, {"Q4": ("18", True)}),
    Plant("numbered_label", {"J4": "2-有条件"}, {"J4": ("有条件共享", True)}),
    Plant("numbered_label", {"J4": "有条件(1)"}, {"J4": ("有条件共享", False)}),
    Plant("numbered_label", {"J4": "1"}, {"J4": (None, False)}),
    Plant("numbered_label", {"L4": "是/1"}, {"L4": ("是", True)}),
    Plant("numbered_label", {"M4": "适时"}, {"M4": ("不定期", True)}),
    Plant("text_date", {"N7": "2021年3月5日"}, {"N7": ("2021-03-05", True)}),
    Plant("text_date", {"N7": 44260}, {"N7": ("2021-03-05", True)}),
    Plant("text_date", {"N7": "21/3/5"}, {"N7": (None, False)}),
)
TOGETHER = (
    {"A3": "城建档案系统", "O3": None},
    {"C9": CIVIL_CODE[:15]},
    {"B8": "示例市民政局 。", "A8": "婚姻登记信息"},
    {"D5": "307099021000/45"},
    {"B4": None, "E5": None},
    {"F6": "电子文件"},
    {"K6": "数据库"},
    {"H6": "35 GB", "I6": "1.2亿条", "Q6": "200字符"},
    {"J7": "2-有条件共享", "L7": "0"},
    {"N7": "2021.3.5", "N8": "20210305"},
    {"D7": "307099021000/000032", "D8": "307099021000/000033", "D9": "307099021000/000034"},
)


def test_nothing_is_wrong_with_the_clean_workbook() -> None:
    assert examine(workbook({})) == ()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.fault}-{next(iter(plant.cells.values()))}")
def test_each_fault_alone(plant: Plant) -> None:
    data = workbook(plant.cells)
    found = examine(data, plant.known)
    assert {f"{each.column}{each.row}": (each.after, each.is_certain) for each in found} == plant.found
    assert {each.fault for each in found} == {plant.fault}
    assert all(each.sheet == "目录" and each.reason_zh and each.reason_en.isascii() is not None for each in found)

    repaired = repair(data, "目录.xlsx", found)
    wanted = {cell: after for cell, (after, _) in plant.found.items() if after is not None}
    assert changes(read(data, "目录.xlsx"), read(repaired, "目录.xlsx")) == wanted
    assert repairable(examine(repaired, plant.known)) == []


def test_all_faults_together() -> None:
    cells = {cell: value for plant in TOGETHER for cell, value in plant.items()}
    data = workbook(cells)
    found = examine(data, ISSUED)
    assert {each.fault for each in found} == set(FAULTS)
    assert len({(each.row, each.column) for each in found}) == len(found)
    places = {f"{each.column}{each.row}" for each in found}
    assert places == {*cells} - {"A8"}

    repaired = repair(data, "目录.xlsx", found)
    wanted = {f"{each.column}{each.row}": each.after for each in found if each.after is not None}
    assert changes(read(data, "目录.xlsx"), read(repaired, "目录.xlsx")) == wanted
    again = examine(repaired, ISSUED)
    assert repairable(again) == []
    assert {f"{each.column}{each.row}" for each in again} == {"A3", "E5"}  # a title and a summary are a person's
    assert repair(repaired, "目录.xlsx", again) == repair(repaired, "目录.xlsx", ())


def test_certain_repairs_alone_leave_nothing_certain() -> None:
    data = workbook({cell: value for plant in TOGETHER for cell, value in plant.items()})
    certain = [each for each in examine(data, ISSUED) if each.is_certain]
    again = examine(repair(data, "目录.xlsx", certain), ISSUED)
    assert [each for each in again if each.is_certain] == []


def test_a_repair_that_brings_another_to_light_is_offered_with_it() -> None:
    """Of two titles that become one entry the second code was dragged: both repairs stand in one preview."""
    data = workbook({"A4": "施工许可信息 。", "D4": "307099021000/000032"})
    found = {f"{each.column}{each.row}": each.after for each in examine(data)}
    assert found == {"A4": "施工许可信息", "D4": ""}


def test_a_formula_is_left_to_a_person() -> None:
    data = with_cell(workbook({}), "N4", '<c r="N4" t="str"><f>"2021年"&amp;"3月5日"</f><v>2021年3月5日</v></c>')
    (found,) = examine(data)
    assert (found.fault, found.before, found.after) == ("text_date", "2021年3月5日", None)
    assert "公式" in found.reason_zh


def test_what_a_program_might_compute_is_never_proposed() -> None:
    (found,) = examine(workbook({"B3": "=1+1", "B4": None}))
    assert (found.column, found.row, found.after) == ("B", 4, None)


def test_merged_cells_are_repaired_at_their_first() -> None:
    data = merged({"B5": "示例市民政局 。", "B6": None, "B7": None}, "B5:B7")
    (found,) = examine(data, Known({CIVIL: CIVIL_CODE}))
    assert (found.row, found.column, found.after) == (5, "B", CIVIL)
    repaired = read(repair(data, "目录.xlsx", [found]), "目录.xlsx")
    assert [row.cells[1] for row in repaired[0].rows if 5 <= row.number <= 7] == [CIVIL] * 3


def test_items_follow_their_entries() -> None:
    entries = "资源名称,提供方,摘要\n施工许可信息,甲局,一\n施工许可信息 。,甲局,\n".encode()
    lines = (
        "资源名称,提供方,信息项名称",
        "施工许可信息 。,甲局,编号",
        "施工许可信息,甲局,日期",
        "施工许可 信息,甲局,人",
    )
    items = "\n".join(lines).encode()
    sheets = (read(entries, "目录.csv")[0], read(items, "信息项.csv")[0])
    found = diagnose(sheets, propose(sheets), Known())
    assert [(each.sheet, each.row, each.before, each.after) for each in found if each.fault == "near_duplicate"] == [
        ("目录", 3, "施工许可信息 。", "施工许可信息"),
        ("信息项", 2, "施工许可信息 。", "施工许可信息"),
        ("信息项", 4, "施工许可 信息", "施工许可信息"),
    ]


def test_our_own_template_filled_has_no_faults() -> None:
    read_back = drafts(workbook({"R2": None, "R3": None}), "目录.xlsx")
    data = write(None, [each.resource for each in read_back.drafts])
    assert len(read_back.drafts) == 7
    assert examine(data) == ()


@pytest.mark.skipif(not GUANGXI.exists(), reason="the real catalogue is not here")
def test_the_real_catalogue_gives_no_false_alarm() -> None:
    """Read one by one: 656 entries lack a summary; 25 rows of 7 titles end with a stray underscore."""
    sheets = read(GUANGXI.read_bytes(), GUANGXI.name)
    found = diagnose(sheets, propose(sheets), Known())
    assert [each for each in found if each.is_certain] == []
    assert Counter(each.fault for each in found) == {"empty_cell": 656, "near_duplicate": 25}
    respelt = [each for each in found if each.fault == "near_duplicate"]
    assert all(each.before == f"{each.after}_" for each in respelt)


def test_ten_thousand_rows_of_thirty_columns() -> None:
    """Every fifth row has five faults; seconds of this process, not of the machine."""
    header = (*HEADER, *(f"其他{number}" for number in range(30 - len(HEADER))))
    rows = [Row(1, header, 30)]
    for number in range(10_000):
        entry = list(CLEAN[number % len(CLEAN)])
        entry[0], entry[3] = f"第{number // 3}类{entry[0]}", f"307099021000/{number + 1:06d}"
        if number % 5 == 0:
            entry[1], entry[5], entry[7], entry[9], entry[13] = None, "流媒体", "35 GB", "2-有条件", "2021年3月5日"
        rows.append(Row(number + 2, (*entry, *("值",) * (30 - len(HEADER))), 30))
    sheets = [Sheet("目录", tuple(rows))]
    mapping = propose(sheets)
    began = time.process_time()
    found = diagnose(sheets, mapping, KNOWN)
    assert time.process_time() - began <= 5
    assert len(found) > 9_000


def changes(before: Sequence[Sheet], after: Sequence[Sheet]) -> dict[str, str]:
    """The cells of the first sheet that read otherwise; all others must be equal, type and all."""
    assert [sheet.name for sheet in before] == [sheet.name for sheet in after]
    assert before[1:] == after[1:]
    old, new = ({row.number: row.cells for row in sheets[0].rows} for sheets in (before, after))
    found = {}
    for number in old.keys() | new.keys():
        width = max(len(old.get(number, ())), len(new.get(number, ())))
        for index in range(width):
            was, now = (rows.get(number, ())[index : index + 1] or (None,) for rows in (old, new))
            if (type(was[0]), was[0]) != (type(now[0]), now[0]):
                found[f"{column_letters(index)}{number}"] = to_text(now[0])
    return found


def repairable(found: Sequence[Repair]) -> list[Repair]:
    return [each for each in found if each.after is not None]


def merged(cells: Mapping[str, object], area: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook(cells)))
    book["目录"].merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()

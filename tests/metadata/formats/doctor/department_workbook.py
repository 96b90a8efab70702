"""A workbook as a department keeps it: headings, styles, lists, a chart, formulas, a second sheet. Nothing wrong."""

import io
import re
import zipfile
from collections.abc import Mapping

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from metadata.formats.column_mapping import propose
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import Known, Repair
from metadata.formats.spreadsheet import read
from standards.check_digits import uscc_check_character

HOUSING, CIVIL = "示例市住房和城乡建设局", "示例市民政局"
HOUSING_CODE = "114501000075555101"
CIVIL_CODE = "1145010000755562X" + uscc_check_character("1145010000755562X")
HEADER = (
    "信息资源名称",  # A
    "信息资源提供方",  # B
    "信息资源提供方代码",  # C
    "信息资源代码",  # D
    "信息资源摘要",  # E
    "信息资源格式分类",  # F
    "信息资源格式类型",  # G
    "数据存储总量(GB)",  # H
    "结构化信息记录总数(万条)",  # I
    "共享类型",  # J
    "共享方式类型",  # K
    "是否向社会开放",  # L
    "更新周期",  # M
    "发布日期",  # N
    "来源系统",  # O
    "信息项名称",  # P
    "数据长度",  # Q
    "备注",  # R
)
FIRST_ROW = 3
_ENTRIES = (
    ("施工许可信息", HOUSING, HOUSING_CODE, "数据库", "mysql", "数据库", "施工许可系统"),
    ("商品房预售许可信息", HOUSING, HOUSING_CODE, "数据库", "dm", "服务接口", ""),
    ("竣工验收备案信息", HOUSING, HOUSING_CODE, "电子文件", "pdf", "文件下载", ""),
    ("地下管线探测成果", HOUSING, HOUSING_CODE, "图形图像", "jpg", "文件下载", "城建档案管理系统"),
    ("低保人员信息", CIVIL, CIVIL_CODE, "电子表格", "xlsx", "文件下载", ""),
    ("婚姻登记信息", CIVIL, CIVIL_CODE, "数据库", "kingbasees", "数据库", "婚姻登记系统"),
    ("社会组织登记信息", CIVIL, CIVIL_CODE, "数据库", "oracle", "数据库", ""),
)
CLEAN = tuple(
    (
        title,
        provider,
        provider_code,
        f"307099021000/{31 + 7 * number:06d}",
        f"{title}，办理业务时形成",
        category,
        types,
        12.5,
        3,
        "有条件共享",
        method,
        "否",
        "每月",
        "2021-03-05",
        system or None,
        "名称",
        50,
        None,
    )
    for number, (title, provider, provider_code, category, types, method, system) in enumerate(_ENTRIES)
)
KNOWN = Known(organisations={HOUSING: HOUSING_CODE, CIVIL: CIVIL_CODE})

Cells = Mapping[str, object]


def workbook(cells: Cells) -> bytes:
    """The clean workbook with other values in some of its cells (``B17``)."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "目录"
    sheet["A1"] = "示例市政务信息资源目录"
    sheet.merge_cells("A1:R1")
    sheet.append(HEADER)
    for row in CLEAN:
        sheet.append(row)
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFDDEEFF")
    for column in "ABCDE":
        sheet.column_dimensions[column].width = 30
    sheet["E4"].alignment = Alignment(wrap_text=True)
    sheet["B5"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet["N3"].number_format = "yyyy-mm-dd"
    sheet["A4"].comment = Comment("去年已报", "编目员")
    sheet["R3"] = "=H3*2"
    sheet.add_data_validation(DataValidation(type="list", formula1='"有条件共享,无条件共享,不予共享"', sqref="J3:J99"))
    sheet.conditional_formatting.add("H3:H9", CellIsRule(operator="greaterThan", formula=["100"], font=Font(bold=True)))
    sheet.freeze_panes = "B3"
    sheet.row_dimensions[2].height = 30
    notes = book.create_sheet("说明")
    notes.append(["填报说明", 1, 2.5])
    notes.append([None, "=B1+C1"])
    chart = BarChart()
    chart.add_data(Reference(notes, min_col=2, min_row=1, max_col=3))
    notes.add_chart(chart, "E5")
    book.defined_names["范围"] = DefinedName("范围", attr_text="目录!$A$3:$A$9")
    for place, value in cells.items():
        sheet[place] = value
        if isinstance(value, str):
            sheet[place].data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def examine(data: bytes, known: Known = KNOWN, name: str = "目录.xlsx") -> tuple[Repair, ...]:
    """What is wrong in the file."""
    sheets = read(data, name)
    return diagnose(sheets, propose(sheets), known)


def with_cell(data: bytes, place: str, markup: str) -> bytes:
    """The file with a cell of its first sheet written as given."""
    part = "xl/worksheets/sheet1.xml"
    cell = re.compile(rf'<c r="{place}"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
    return with_part(data, part, cell.sub(lambda _: markup, parts(data)[part].decode(), count=1).encode())


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The file with a part put in the place of another, or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, own in (parts(data) | {name: content}).items():
            archive.writestr(part, own)
    return stream.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of the file by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {member.filename: archive.read(member) for member in archive.infolist()}

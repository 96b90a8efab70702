"""A catalogue workbook of so many rows and thirty columns, with the faults of real sheets in every twentieth row."""

import io
from collections.abc import Iterator
from typing import Final

import openpyxl

from standards.check_digits import org_check_character, uscc_check_character

DEPARTMENTS: Final = 20
HEADER: Final = (
    *("信息资源名称", "信息资源提供方", "信息资源提供方代码", "提供方内部部门", "信息资源摘要"),
    *("信息资源格式分类", "信息资源格式类型", "数据存储总量(GB)", "结构化信息记录总数(万条)", "共享类型"),
    *("共享条件", "使用用途", "共享方式分类", "共享方式类型", "是否向社会开放"),
    *("更新周期", "发布日期", "主题分类", "关键字", "数据分级"),
    *("来源系统", "数据起始日期", "信息项名称", "字段名", "数据类型"),
    *("数据长度", "是否主键", "是否可为空", "信息项分级", "信息项说明"),
)
_SUBJECTS: Final = ("施工许可", "预售许可", "竣工备案", "管线探测", "婚姻登记", "社会组织", "取水许可", "排污许可")
_FIELDS: Final = ("编号", "名称", "住所", "登记日期", "有效期", "状态", "经办机构", "备注说明")

Cells = tuple[str | int | float | None, ...]


def department(number: int) -> tuple[str, str]:
    """The name and the code of one of the departments."""
    inner = f"MB9{number:05d}"
    body = "11330100" + inner + org_check_character(inner)
    return f"示例市第{number + 1}局", body + uscc_check_character(body)


def workbook(rows: int, per_entry: int) -> bytes:
    """An xlsx; each entry has ``per_entry`` rows, one for each of its items."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("目录")
    sheet.append(HEADER)
    for cells in _rows(rows, per_entry):
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _rows(rows: int, per_entry: int) -> Iterator[Cells]:
    for number in range(rows):
        entry, item = divmod(number, per_entry)
        name, code = department(entry % DEPARTMENTS)
        subject = f"{_SUBJECTS[entry % len(_SUBJECTS)]}第{entry + 1}类信息"
        is_faulty = number % 20 == 7  # numbers with units, labels for options, dates as words: what the doctor is for
        of_entry: Cells = (
            subject,
            name,
            code,
            "信息中心",
            f"{name}办理{subject}业务时形成的记录，供各部门核验和业务协同使用。",
            "数据库",
            "dm",
            "35 GB" if is_faulty else 12.5,
            3,
            "2-有条件" if is_faulty else "有条件共享",
            "工作参考、业务协同",
            "业务协同",
            "共享平台方式",
            "数据库",
            "否",
            "每月",
            "2021年3月5日" if is_faulty else "2021-03-05",
            "城乡建设",
            "许可、登记",
            "一般数据2级",
            f"{_SUBJECTS[entry % len(_SUBJECTS)]}业务系统",
            "2015-01-01",
        )
        of_item: Cells = (
            f"{_FIELDS[item % len(_FIELDS)]}{item // len(_FIELDS) or ''}",
            f"field_{item + 1}",
            "字符型C",
            50,
            "是" if item == 0 else "否",
            "否" if item == 0 else "是",
            "1",
            "按登记簿填写",
        )
        yield (*of_entry, *of_item)

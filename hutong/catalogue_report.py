"""What a person is told about an import: on the screen in short, in two files in full."""

from pathlib import Path

from directory.resources.importing import ImportReport
from directory.resources.reading import Incomings
from hutong.console import say, tell
from metadata.formats.workbook_report import write_report

_SHOWN = 20


def describe(report: ImportReport, incoming: Incomings) -> None:
    """The cells that need a look, what was refused, and the sum."""
    tell_cells(incoming)
    for refused in report.refused[:_SHOWN]:
        say(f"未能导入 {refused.place}：{refused.title}：{refused.zh}")
    for place in report.differing[:_SHOWN]:
        say(f"已有同名目录且内容不同，保留原有：{place}")
    if report.new_organisations:
        say(f"新出现 {len(report.new_organisations)} 个部门，待用 hutong org add 确认")
    done = "将" if report.is_dry_run else "已"
    if report.refused:
        say(f"{len(report.refused)} 条不能导入，全部未导入；改正后重新导入")
    else:
        say(f"{done}新增 {report.added} 条草稿，未变 {report.unchanged} 条，保留原有 {len(report.differing)} 条")


def tell_cells(incoming: Incomings) -> None:
    """The first findings by cell, and how many there are."""
    for found in incoming.findings[:_SHOWN]:
        say(f"{found.sheet}!{found.column}{found.row}：{found.value or '（空）'}：{found.problem}；{found.remedy}")
    if len(incoming.findings) > _SHOWN:
        say(f"……共 {len(incoming.findings)} 处提示，用 --report 写出全部")


def write_reports(out: Path, incoming: Incomings, data: bytes, name: str) -> None:
    """``OUT.json`` with every finding; of a workbook also ``OUT.xlsx``, its cells marked."""
    if incoming.workbook is None:
        tell("XML 没有单元格可标注，不写报告")
        return
    for form, suffix in (("json", ".json"), ("xlsx", ".xlsx")):
        place = out.with_suffix(suffix)
        place.write_bytes(write_report("json" if form == "json" else "xlsx", incoming.workbook, data, name))
        tell(f"报告：{place}")

"""What a person is told about an import or a check: on the screen in short, in files in full."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from directory.imports.broken import CODE
from directory.resources.importing import ImportReport
from directory.resources.reading import Incoming, Incomings
from hutong.console import say, tell
from hutong.errors import HutongError
from hutong.files import write_bytes
from metadata.formats.doctor.fault import FAULTS, Repair
from metadata.formats.sheet import Sheet
from metadata.formats.workbook_report import write_report
from standards.findings import Finding

_SHOWN = 20
_SUFFIXES = {".json", ".xlsx"}


def describe(report: ImportReport, *, is_written: bool, only_good: bool = False) -> None:
    """What was refused, what stays as it was, and the sum; where all was refused, first how much of it is fine."""
    good = report.added + report.updated + report.unchanged + len(report.differing)
    broken = sum(each.code == CODE for each in report.refused)
    if report.refused and not is_written and not only_good:
        cells = f"（其中 {broken} 条有不能采用的单元格）" if broken else ""
        say(f"没有问题 {good} 条，不能导入 {len(report.refused)} 条{cells}")
    if report.is_dry_run or is_written or only_good:  # else the refusal that follows names them
        _first((f"未能导入 {each.place}：{each.title}：{each.zh}" for each in report.refused), len(report.refused))
    _first((f"已有同名目录且内容不同，保留原有：{place}" for place in report.differing), len(report.differing))
    _first((f"评估记录没有导入，须在本目录登记：{place}" for place in report.unassessed), len(report.unassessed))
    if report.new_organisations:
        count = len(report.new_organisations)
        say(f"新出现 {count} 个部门，待确认：用 hutong org list 查看，用 hutong org add 确认")
    if report.refused and report.is_dry_run and not only_good:
        known = sum(each.code == CODE and each.is_known for each in report.refused)
        cells = f"不能采用的单元格留空{f'（{known} 条已有目录保留原有）' if known else ''}加 --without-broken"
        ways = ["只要没有问题的加 --only-good"] * bool(good) + [cells] * bool(broken)
        say("；".join(["届时将全部不导入", *ways]))
    done = "将" if report.is_dry_run else "已"
    if not report.refused or is_written or only_good:
        say(f"{done}新增 {report.added} 条草稿，未变 {report.unchanged} 条，保留原有 {len(report.differing)} 条")


def tell_cells(incoming: Incomings, speak: Callable[[str], None]) -> None:
    """The findings by cell, those that say the same of one column in one line."""
    places: dict[tuple[str, ...], list[str]] = {}
    for found in incoming.findings:
        words = (found.sheet, found.column, found.value or "（空）", found.problem, found.remedy)
        places.setdefault(words, []).append(f"{found.sheet}!{found.column}{found.row}")
    for (_, _, value, problem, remedy), cells in list(places.items())[:_SHOWN]:
        count = f" 等 {len(cells)} 处" if len(cells) > 1 else ""
        speak(f"{cells[0]}{count}：{value}：{problem}；{remedy}")
    if len(places) > _SHOWN:
        speak(f"……共 {len(incoming.findings)} 处、{len(places)} 种提示，用 import --dry-run --report 写出全部")


def say_findings(found: Iterable[tuple[Incoming, Sequence[Finding]]]) -> None:
    """The findings by entry; what is said of many entries is said once, with their number and the first."""
    places: dict[str, list[str]] = {}
    for each, findings in found:
        for finding in findings:
            places.setdefault(f"{finding.path}：{finding.zh}", []).append(f"{each.place}：{each.record.title}")
    often = sorted(places.items(), key=lambda item: -len(item[1]))
    for words, where in often[:_SHOWN]:
        say(f"{where[0]}：{words}" if len(where) == 1 else f"{where[0]} 等 {len(where)} 处：{words}")
    if len(often) > _SHOWN:
        say(f"……共 {sum(map(len, places.values()))} 处、{len(often)} 种提示，--json 列出全部")


def tell_repairs(repairs: Sequence[Repair], *, is_made: bool) -> None:
    """How many cells of which fault can be repaired, or have been."""
    counts = Counter(each.fault for each in repairs if each.after is not None)
    for fault, count in counts.most_common():
        certain = sum(each.is_certain for each in repairs if each.fault == fault and each.after is not None)
        doubt = f"，其中 {certain} 处有把握，可用 --repair 修复" if not is_made and certain else ""
        tell(f"{'已修复' if is_made else '可修复'} {FAULTS[fault][0]}：{count} 处{doubt}")


def write_reports(
    out: Path, incoming: Incomings, data: bytes, source: Path, repairs: Sequence[Repair], sheets: Sequence[Sheet]
) -> None:
    """``OUT.json`` with every finding; of a workbook also ``OUT.xlsx``, its cells marked.

    Raises ``FILE_UNWRITABLE``, and ``FILE_IS_INPUT`` rather than write over the file that is being imported.
    """
    if incoming.workbook is None:
        tell("XML 没有单元格可标注，不写报告")
        return
    stem = out.with_suffix("") if out.suffix.lower() in _SUFFIXES else out
    places = Path(f"{stem}.json"), Path(f"{stem}.xlsx")
    for place in places:
        if place.exists() and place.samefile(source):
            raise HutongError("FILE_IS_INPUT", path=place)
    for place in places:
        form: Literal["json", "xlsx"] = "json" if place == places[0] else "xlsx"
        write_bytes(place, write_report(form, incoming.workbook, data, source.name, repairs, sheets))
        tell(f"报告：{place}")


def _first(lines: Iterable[str], count: int) -> None:
    for _, line in zip(range(_SHOWN), lines, strict=False):
        say(line)
    if count > _SHOWN:
        say(f"……共 {count} 条，--json 列出全部")

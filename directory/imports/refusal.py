"""An import that is refused says first how many entries are fine, and how these, or all of them, are taken.

Each way is named as the page has it, with its name for programs and on the command line: the same words everywhere.
"""

from collections.abc import Sequence

from directory.errors import DirectoryError
from directory.imports.broken import CODE
from directory.imports.models import ImportCell
from directory.imports.views import refused_lines
from directory.resources.importing import ImportReport
from standards.findings import Finding


def refusal(report: ImportReport) -> DirectoryError:
    """``IMPORT_REFUSED`` for a report with ``refused`` in it, with every one of them as a finding."""
    lines = refused_lines(report)
    cells = [each for each in report.refused if each.code == CODE and each.title]  # a row that made no entry has none
    broken, known = len(cells), sum(each.is_known for each in cells)
    findings = [each.model_dump(mode="json") for each in lines]
    good = report.added + report.updated + report.unchanged + len(report.differing)
    return DirectoryError(
        "IMPORT_REFUSED",
        good=good,
        count=len(lines),
        first=lines[0].place,
        ways=ways(good, broken, len(lines) - broken, known),
        findings=findings,
    )


def refusal_of_cells(
    cells: Sequence[ImportCell], count: int, *, good: int, broken: int, others: int, known: int
) -> DirectoryError:
    """``IMPORT_CELLS_BROKEN`` for a whole file: ``count`` cells in ``broken`` entries, or in rows that made none.

    ``cells`` are the first of them; ``known`` entries of the ``broken`` the directory has already.
    """
    findings = [_finding(each) for each in cells]
    return DirectoryError(
        CODE,
        fine=f"{good} 条目录没有问题；",
        fine_en=f"{good} of the records would do; ",
        count=count,
        first=findings[0].path,
        known=f"；有这样单元格的 {broken} 条目录里，{known} 条已有" if known else "",
        known_en=f"; of the {broken} records with such cells {known} are in the directory already" if known else "",
        ways=ways(good, broken, others, known),
        findings=findings,
        findings_more=count - len(findings),
    )


def ways(good: int, broken: int, others: int, known: int = 0) -> str:
    """How the ``good`` entries are taken, and the ``broken`` without their cells, beside ``others`` that cannot be.

    Of the ``broken`` those that are ``known`` stay as they are; only the others come in.
    """
    said = f"只要没有问题的 {good} 条：选“只导入没有问题的”（only_good，--only-good）；" if good else ""
    if broken:
        both = ("两项都选：“只导入没有问题的”和", "only_good 与 ", "--only-good ") if others else ("选", "", "")
        new = broken - known
        wanted = f"{'连' if good else ''}有单元格不能采用的 {new} 条{'新目录' if known else ''}也要，这些格留空"
        stay = f"有单元格不能采用的 {known} 条已有目录保留原有"
        said += (
            f"{'，'.join([wanted] * bool(new) + [stay] * bool(known))}：{both[0]}“不带不能采用的单元格”"
            f"（{both[1]}without_broken，{both[2]}--without-broken）；"
        )
    return said + "或" if said else ""


def _finding(cell: ImportCell) -> Finding:
    """A cell as a finding: what stands there, what is wrong with it, what it can become."""
    way = f"可修复为“{cell.after}”" if cell.after is not None else cell.remedy
    shown = f"“{cell.before[:60]}”" if cell.before and cell.before not in cell.problem else ""
    zh, place = f"{shown}{cell.problem}；{way}", f"{cell.sheet}!{cell.letters}{cell.row}"
    return Finding(path=place, rule=cell.rule or cell.fault, severity="error", zh=zh, en=cell.problem_en)

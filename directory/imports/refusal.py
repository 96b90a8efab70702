"""An import that is refused says first how many entries are fine, and how these, or all of them, are taken.

Each way is named as the page has it, with its name for programs and on the command line: the same words everywhere.
"""

from collections.abc import Sequence

from directory.errors import DirectoryError
from directory.imports.broken import CODE
from directory.imports.views import RefusedLine, refused_lines
from directory.resources.importing import ImportReport


def refusal(report: ImportReport) -> DirectoryError:
    """``IMPORT_REFUSED`` for a report with ``refused`` in it, with every one of them as a finding."""
    lines = refused_lines(report)
    broken = _broken(lines)
    findings = [each.model_dump(mode="json") for each in lines]
    good = report.added + report.updated + report.unchanged + len(report.differing)
    return DirectoryError(
        "IMPORT_REFUSED",
        good=good,
        count=len(lines),
        first=lines[0].place,
        ways=ways(good, broken, len(lines) - broken),
        findings=findings,
    )


def refusal_of_cells(count: int, first: str, *, good: int, broken: int, others: int) -> DirectoryError:
    """``IMPORT_CELLS_BROKEN`` for a whole file: ``count`` cells in ``broken`` entries, or in rows that made none."""
    return DirectoryError(
        CODE,
        fine=f"{good} 条目录没有问题；",
        fine_en=f"{good} of the records would do; ",
        count=count,
        first=first,
        ways=ways(good, broken, others),
    )


def ways(good: int, broken: int, others: int) -> str:
    """How the ``good`` entries are taken, and the ``broken`` without their cells, beside ``others`` that cannot be."""
    said = f"只要没有问题的 {good} 条：选“只导入没有问题的”（only_good，--only-good）；" if good else ""
    if broken:
        both = ("两项都选：“只导入没有问题的”和", "only_good 与 ", "--only-good ") if others else ("选", "", "")
        said += (
            f"{'连' if good else ''}有单元格不能采用的 {broken} 条也要，这些格留空：{both[0]}“不带不能采用的单元格”"
            f"（{both[1]}without_broken，{both[2]}--without-broken）；"
        )
    return said + "或" if said else ""


def _broken(lines: Sequence[RefusedLine]) -> int:
    """Entries that only a cell keeps out; a row of which nothing could be taken has no title."""
    return sum(each.code == CODE and bool(each.title) for each in lines)

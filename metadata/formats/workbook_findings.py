"""What is said of a cell of a workbook: where it is, what is wrong, and the remedy."""

from metadata.formats.spreadsheet import Row
from metadata.formats.workbook_cells import Problem, to_text
from metadata.record import Record
from standards.findings import Severity

_SHOWN_CHARACTERS = 200


class CellFinding(Record):
    """What is wrong with one cell, where, and the remedy. A warning's value was taken, an error's was not."""

    sheet: str
    row: int
    column: str
    value: str
    rule: str
    severity: Severity
    problem: str
    problem_en: str
    remedy: str


def cell_finding(sheet: str, row: Row, index: int, problem: Problem) -> CellFinding:
    """The finding on the cell of ``row`` in the column ``index`` (from 0)."""
    value = to_text(row.cells[index]) if index < len(row.cells) else ""
    return CellFinding(
        sheet=sheet,
        row=row.number,
        column=column_letters(index),
        value=value[:_SHOWN_CHARACTERS],
        rule=f"workbook.{problem.rule}",
        severity=problem.severity,
        problem=problem.zh,
        problem_en=problem.en,
        remedy=problem.remedy,
    )


def column_letters(index: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    letters = ""
    number = index + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters

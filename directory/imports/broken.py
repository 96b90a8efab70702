"""Entries of which a cell could not be taken: whoever wrote the cell meant something by it.

Such an entry is refused with its cells named, in one call as step by step, unless it was asked for without them
(``without_broken``); rows of which nothing could be taken make no entry at all and are named too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from directory.errors import DirectoryError
from directory.resources.importing import Refused
from directory.resources.reading import Incomings
from metadata.formats.workbook import CellFinding
from standards.findings import Finding

CODE: Final = "IMPORT_CELLS_BROKEN"
_SHOWN_CELLS: Final = 20


def broken_cells(incoming: Incomings) -> Mapping[int, Sequence[CellFinding]]:
    """The cells that could not be taken, by the number (from 1) of their entry."""
    if incoming.workbook is None:
        return {}
    by_row = _by_row(incoming)
    found = {
        number: [cell for each in draft.source_rows for cell in by_row.get((each.sheet, each.row), ())]
        for number, draft in enumerate(incoming.workbook.drafts, start=1)
    }
    return {number: cells for number, cells in found.items() if cells}


def problem_of_cells(cells: Sequence[CellFinding]) -> dict[str, Any]:
    """Why an entry with these cells is not taken, as it is kept and shown."""
    error = DirectoryError(
        CODE, fine="", fine_en="", known="", known_en="", ways="", count=len(cells), first=_place(cells[0])
    )
    shown = [_finding(each).model_dump(mode="json") for each in cells[:_SHOWN_CELLS]]
    return {"code": error.code, "zh": error.zh, "next_step": error.next_step, "findings": shown, "cells": len(cells)}


def refused_entry(incoming: Incomings, number: int, problem: Mapping[str, Any], *, is_known: bool) -> Refused:
    """The entry of this number as one that was not taken, for a ``problem_of_cells``."""
    each = incoming.records[number - 1]
    findings = tuple(Finding.model_validate(found) for found in problem["findings"])
    why = problem["code"], problem["zh"], findings, problem["next_step"]
    return Refused(each.place, each.record.title, *why, is_known=is_known)


def lost_rows(incoming: Incomings) -> list[Refused]:
    """Rows of which nothing was taken, and records of a document that make no entry: with them not all is imported.

    Each once, with the first thing wrong in it.
    """
    drafts = incoming.workbook.drafts if incoming.workbook is not None else ()
    taken = {(each.sheet, each.row) for draft in drafts for each in draft.source_rows}
    return [
        Refused(f"{sheet} 第 {row} 行", "", CODE, cells[0].problem, (_finding(cells[0]),), cells[0].remedy)
        for (sheet, row), cells in _by_row(incoming).items()
        if (sheet, row) not in taken
    ]


def _by_row(incoming: Incomings) -> dict[tuple[str, int], list[CellFinding]]:
    found: dict[tuple[str, int], list[CellFinding]] = {}
    for each in incoming.findings:
        if each.severity == "error":
            found.setdefault((each.sheet, each.row), []).append(each)
    return found


def _finding(cell: CellFinding) -> Finding:
    shown = f"“{cell.value[:60]}”" if cell.value and cell.value not in cell.problem else ""
    zh = f"{shown}{cell.problem}；{cell.remedy}"
    return Finding(path=_place(cell), rule=cell.rule, severity="error", zh=zh, en=cell.problem_en)


def _place(cell: CellFinding) -> str:
    return f"{cell.sheet}!{cell.column}{cell.row}"

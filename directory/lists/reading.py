"""Lists that people hand in as workbooks: the rows below their headers, and all that is wrong with them at once.

Headers are compared without what people add to them (stars, （必填）, spaces, full width). A list may go on on further
sheets. Notes and sums below it, and a header that is only repeated, are no rows of it. What a cell does not surely say
(a formula without its result, an error, digits that were lost) is a fault of its row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypedDict, TypeVar, cast

from directory.errors import DirectoryError
from directory.resources.reading import read_sheets
from metadata.errors import MetadataError
from metadata.formats.sheet import DAY_ZERO
from metadata.formats.spreadsheet import LIMITS, Cell, Row, Sheet
from metadata.formats.workbook_cells import find_problem, to_text
from metadata.formats.workbook_headers import plain
from metadata.formats.workbook_notes import note_rows
from metadata.formats.workbook_text import resolved, visible
from metadata.formats.workbook_values import to_date

MOST_ROWS: Final = 5_000
_LOOKED_AT: Final = 50  # rows of a sheet among which its header is
_NO_NAMES: Final[Mapping[str, str]] = {}
_Made = TypeVar("_Made")


class RowFault(TypedDict):
    """What is wrong with a row, as a finding: where in words, a sentence, and the row's number."""

    path: str
    rule: str
    zh: str
    row: int


@dataclass(frozen=True)
class Line:
    """One row: its number as people count, where it stands in words, and the texts by the words of the header.

    ``wrong`` are sentences on cells that could not be taken; a bare number of a day counts from ``day_zero``.
    """

    number: int
    place: str
    cells: Mapping[str, str]
    wrong: Sequence[str] = ()
    day_zero: date = DAY_ZERO

    def fault(self, reason: str) -> DirectoryError:
        """What refuses this row."""
        return _refusal([self.finding(reason)])

    def finding(self, zh: str) -> RowFault:
        """The same beside what is wrong with other rows."""
        return {"path": self.place, "rule": "list", "zh": zh, "row": self.number}

    def short(self, column: str, most: int) -> str:
        """The text of a column; raises ``LIST_ROW`` where it is longer than this."""
        text = self.cells.get(column, "")
        if len(text) > most:
            raise self.fault(f"{column}最多 {most} 个字，现有 {len(text)} 个")
        return text

    def day(self, column: str) -> date:
        """The day of a column, written in any way that a catalogue's may be; raises ``LIST_ROW``."""
        text = self.cells.get(column, "")
        day = to_date(text, self.day_zero)
        if not isinstance(day, date):
            said = f"{column}“{text[:40]}”不是日期" if text else f"没有写{column}"
            raise self.fault(f"{said}，应如 2026-12-31")
        return day


def read(
    data: bytes, name: str, columns: Sequence[str], required: Sequence[str], names: Mapping[str, str] = _NO_NAMES
) -> list[Line]:
    """The rows below the header that each sheet has; other columns of ``columns`` may be missing.

    ``names`` are other words for a column, where it does not stand under its own. Raises ``LIST_HEADERS`` where no
    sheet has all ``required`` columns, or one has most of them; ``LIST_DOUBLED``, ``LIST_TOO_LONG`` and
    ``LIST_UNREADABLE``.
    """
    try:
        sheets = read_sheets(data, name)
    except MetadataError as error:
        raise DirectoryError("LIST_UNREADABLE", name=name[:100], reason=error.zh, reason_en=error.en) from None
    words = {plain(word): word for word in columns}
    others = {plain(other): word for other, word in names.items()}
    found: list[Line] = []
    nearest: tuple[int, str, Sequence[str]] = (0, "", required)
    headed = 0
    for sheet in sheets:
        place, missing = _header(sheet, words, others, required)
        where = f"“{sheet.name}”" if len(sheets) > 1 else ""
        if not missing:
            headed += 1
            _require_once(sheet.rows[place], words, others)
            found += _lines(sheet, place, _columns(sheet.rows[place], words, others), where)
        elif len(required) - len(missing) > nearest[0]:
            nearest = len(required) - len(missing), f"{where}第 {sheet.rows[place].number} 行", missing
    if not headed or nearest[0] > len(required) / 2:
        raise DirectoryError("LIST_HEADERS", where=nearest[1] or "文件", missing=list(nearest[2]))
    if len(found) > MOST_ROWS:
        raise DirectoryError("LIST_TOO_LONG", count=len(found), limit=MOST_ROWS)
    return found


def take_each(
    groups: Iterable[Sequence[Line]], take: Callable[[Sequence[Line]], _Made], refused: frozenset[str] = frozenset()
) -> list[_Made]:
    """What is made of each group of rows, in a transaction that is given up when this raises.

    Raises ``LIST_ROW`` with all that is wrong as findings, where a cell could not be taken or ``take`` raised
    ``LIST_ROW`` or one of ``refused``.
    """
    made: list[_Made] = []
    wrong: list[RowFault] = []
    for lines in groups:
        unsure = [line.finding(reason) for line in lines for reason in line.wrong]
        wrong += unsure
        if unsure:
            continue
        try:
            made.append(take(lines))
        except DirectoryError as error:
            if error.code == "LIST_ROW":
                wrong += cast("list[RowFault]", error.values["findings"])
            elif error.code in refused:
                wrong.append(lines[0].finding(error.zh))
            else:
                raise
    if wrong:
        raise _refusal(wrong)
    return made


def row_faults(error: DirectoryError | None) -> list[RowFault]:
    """The rows that were refused, where there are several: one alone stands in the refusal's own words."""
    found = cast("list[RowFault]", error.values["findings"]) if error and error.code == "LIST_ROW" else []
    return found if len(found) > 1 else []


def _refusal(wrong: Sequence[RowFault]) -> DirectoryError:
    first = wrong[0]
    return DirectoryError(
        "LIST_ROW",
        place=first["path"],
        row=first["row"],
        reason=first["zh"],
        count=len(wrong),
        more=f"，另有 {len(wrong) - 1} 处" if len(wrong) > 1 else "",
        findings=list(wrong),
    )


def _header(
    sheet: Sheet, words: Mapping[str, str], others: Mapping[str, str], required: Sequence[str]
) -> tuple[int, list[str]]:
    """The place of the first row that lacks the fewest of the columns, and which it lacks."""
    best = 0, list(required)
    for place, row in enumerate(sheet.rows[:_LOOKED_AT]):
        at = _columns(row, words, others)
        missing = [word for word in required if word not in at]
        if len(missing) < len(best[1]):
            best = place, missing
    return best


def _columns(row: Row, words: Mapping[str, str], others: Mapping[str, str]) -> dict[str, int]:
    """Where each column stands in a row of headers: under its own word, else under the first of its other names."""
    headers = [plain(cell) if isinstance(cell, str) else "" for cell in row.cells]
    at: dict[str, int] = {}
    for known in (words, others):
        for index, header in enumerate(headers):
            if header in known:
                at.setdefault(known[header], index)
    return at


def _require_once(head: Row, words: Mapping[str, str], others: Mapping[str, str]) -> None:
    """No column stands twice: neither under its own word nor, where it has none, under its other names; a code and a
    name of one thing may stand beside each other.
    """
    headers = Counter(plain(cell) for cell in head.cells if isinstance(cell, str))
    own = {word for header, word in words.items() if headers[header]}
    doubled = [word for header, word in words.items() if headers[header] > 1]
    named: dict[tuple[str, bool], list[str]] = {}
    for header, word in others.items():
        if word not in own:
            named.setdefault((word, header.endswith("代码")), []).extend([header] * headers[header])
    doubled += [header for found in named.values() if len(found) > 1 for header in dict.fromkeys(found)]
    if doubled:
        raise DirectoryError("LIST_DOUBLED", row=head.number, headers=doubled)


def _lines(sheet: Sheet, place: int, at: Mapping[str, int], where: str) -> list[Line]:
    head, rows = sheet.rows[place], sheet.rows[place + 1 :]
    unsure = {(each.row, each.column) for each in sheet.formulas if not each.has_result}
    first = min(at.values())
    notes = note_rows(rows, {})
    found = []
    for row in rows:
        cells = {word: row.cells[index] if index < len(row.cells) else None for word, index in at.items()}
        texts = {word: _text(cell) for word, cell in cells.items()}
        begins = next(index for index, cell in enumerate(row.cells) if cell is not None)
        is_repeated = all(plain(text) == plain(_text(head.cells[at[word]])) for word, text in texts.items())
        if not any(texts.values()) or is_repeated or (row.number in notes and begins <= first):
            continue
        wrong = [f"{word}{problem}" for word, cell in cells.items() if (problem := _problem(cell))]
        wrong += [f"{word}是公式，文件里没有存下结果" for word in cells if (row.number, at[word]) in unsure]
        if sheet.is_even and len(row.cells) > head.width:
            wrong.append(f"本行有 {row.width} 格，表头有 {head.width} 格，疑似错位")
        found.append(Line(row.number, f"{where}第 {row.number} 行", texts, wrong, sheet.day_zero))
    return found


def _problem(cell: Cell) -> str:
    """Why a cell can be no value of any column."""
    problem = None if cell is None else find_problem(cell, LIMITS.cell_characters, is_free=True)
    return problem.zh if problem is not None and problem.severity == "error" else ""


def _text(cell: Cell) -> str:
    """The cell as a person reads it; of a moment the day."""
    text = to_text(cell.date() if isinstance(cell, datetime) else cell)
    return visible(resolved(text)).replace("\r\n", "\n").strip()

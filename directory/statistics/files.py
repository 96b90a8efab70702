"""A month or a year of departments as a workbook and as a Word document, with what each number counts."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import docx

from directory.lists.workbook import Value, write
from directory.statistics.definitions import NUMBERS, RATES, SIDES, Side, rate
from directory.statistics.queries import Department, Period
from metadata.formats.docx_parts import set_up, table
from standards.text import without_forbidden

TITLE: Final = "政务数据共享统计"
_TOTAL: Final = "合计"
_WIDTH, _NAMES = 14_340, 3_400
"""Twentieths of a point: a table across the page, and in it the names of departments, which break least."""

_RATES_OF: Final[Mapping[Side, tuple[str, ...]]] = {"catalogue": ("mount_rate",), "provider": ("answer_rate",)}
"""The rates beside the numbers that they are worked out from."""


def workbook(period: Period, months: Sequence[Period] = ()) -> bytes:
    """One row a department, with the total; for a year also one row a department and month. Definitions beside it."""
    columns = ["时期", "部门", "部门代码", *(each.label for each in NUMBERS.values())]
    columns += [f"{label}（%）" for label, _, _ in RATES.values()]
    rows = [row for each in (period, *months) for row in _rows(each)]
    return write(TITLE, columns, rows, [sentence for pair in definitions() for sentence in pair] + [_state(period)])


def document(city_name: str, period: Period) -> bytes:
    """A table for each side, departments in rows, and the definitions: to be printed and signed."""
    made: Any = docx.Document()
    title = without_forbidden(f"{city_name}{TITLE}（{period.label}）")
    set_up(made, title, is_wide=True, has_cover=False)
    made.add_heading(title, level=1)
    made.add_paragraph(_state(period))
    for side, words in SIDES.items():
        made.add_heading(words, level=2)
        names = [name for name, each in NUMBERS.items() if each.side == side]
        rates = _RATES_OF.get(side, ())
        header = ("部门", *(NUMBERS[name].label for name in names), *(RATES[name][0] for name in rates))
        lines = [header]
        for each in (*period.departments, Department("", _TOTAL, period.together)):
            percents = (_percent(rate(each.numbers, name)) for name in rates)
            lines.append((each.name, *(str(each.numbers[name]) for name in names), *percents))
        others = len(header) - 1
        table(made, lines, (_NAMES, *[(_WIDTH - _NAMES) // others] * others), has_header=True, is_wide=True)
    made.add_heading("怎么算", level=2)
    table(made, list(definitions()), (3_000, _WIDTH - 3_000), has_header=False, is_wide=True)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def definitions() -> Iterator[tuple[str, str]]:
    """Each number's and rate's name, and what it counts."""
    for each in NUMBERS.values():
        yield each.label, each.words
    for label, words, _ in RATES.values():
        yield label, words


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


def _state(period: Period) -> str:
    if period.is_over:
        return f"{period.label} 已结束，数字已固定，不再变化。"
    return f"{period.label} 尚未结束，数字截至导出之时。"


def _rows(period: Period) -> Iterator[list[Value]]:
    for each in (*period.departments, Department("", _TOTAL, period.together)):
        yield [
            period.label,
            each.name,
            each.org_code,
            *(each.numbers[name] for name in NUMBERS),
            *(rate(each.numbers, name) for name in RATES),
        ]

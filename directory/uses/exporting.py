"""Use records as a file: one row a record, and one for each moment that nobody has recorded."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import xlsxwriter
from sqlalchemy.orm import Session

from directory.clock.queries import calendar
from directory.clock.words import moment_words
from directory.organisations.queries import organisation
from directory.uses import views
from directory.uses.moments import moments
from directory.uses.queries import Use, rules
from directory.uses.record import PART_NAMES
from metadata.formats.csv_sheet import protect

COLUMNS: Final = (
    "申请编号",
    "目录",
    "提供部门",
    "需求部门",
    "编号",
    "时机",
    "起",
    "止",
    *PART_NAMES.values(),
    "用到的数据项",
    "更正",
    "记录人",
    "记录时间",
    "状态",
)
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH: Final = 18


def write(session: Session, found: Sequence[Use], file_format: str, today: date) -> tuple[bytes, str]:
    """The file and its media type."""
    return sheet_file("使用记录", COLUMNS, list(_lines(session, found, today)), file_format)


def sheet_file(
    name: str, columns: Sequence[str], lines: Sequence[tuple[str, ...]], file_format: str
) -> tuple[bytes, str]:
    """One table as csv or xlsx, with its media type. Cells that a spreadsheet program would take for formulas are texts
    in both.
    """
    return (_csv(columns, lines), _CSV) if file_format == "csv" else (_xlsx(name, columns, lines), _XLSX)


def _lines(session: Session, found: Sequence[Use], today: date) -> Iterator[tuple[str, ...]]:
    days = calendar(session)
    for each in found:
        provider, requester = (
            organisation(session, code).name for code in (each.row.provider_org, each.row.requester_org)
        )
        first = (str(each.row.id), each.row.resource_title, provider, requester)
        for record in views.records(each):
            items = "没有说明" if record.items_used is None else "、".join(record.items_used) or "都没有用到"
            yield (
                *first,
                str(record.seq),
                record.occasion_name,
                record.covers_from.isoformat(),
                record.covers_until.isoformat(),
                *(getattr(record, name) for name in PART_NAMES),
                items,
                f"更正第 {record.corrects} 号：{record.correction}" if record.corrects else "",
                f"{record.organisation} {record.recorded_by}",
                moment_words(record.recorded_at, today),
                f"已由第 {record.corrected_by} 号更正" if record.corrected_by else "有效",
            )
        for moment in moments(each.life, each.spans, today, days, rules()):
            if moment.state != "kept":
                span = (moment.begins_on.isoformat(), moment.ends_on.isoformat())
                state = f"缺，应于 {moment.term.due_on.isoformat()} 前记录"
                yield (*first, "", moment.rule.name, *span, *[""] * (len(PART_NAMES) + 4), state)


def _csv(columns: Sequence[str], lines: Sequence[tuple[str, ...]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([protect(cell) for cell in line] for line in lines)
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(title: str, columns: Sequence[str], lines: Sequence[tuple[str, ...]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet, bold, text = book.add_worksheet(title), book.add_format({"bold": True}), book.add_format()
        text.set_text_wrap()
        text.set_align("top")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, bold)
        for row, line in enumerate(lines, start=1):
            for column, cell in enumerate(line):
                sheet.write_string(row, column, cell, text)  # never a formula or a link
    return stream.getvalue()

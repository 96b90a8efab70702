"""Use records as a file: one row a record, and one for each moment that nobody has recorded."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from directory.clock.queries import calendar
from directory.clock.words import stamp_words
from directory.lists.workbook import Value
from directory.lists.workbook import write as write_sheet
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


def write(session: Session, found: Sequence[Use], file_format: str, today: date) -> tuple[bytes, str]:
    """The file and its media type."""
    return sheet_file("使用记录", COLUMNS, list(_lines(session, found, today)), file_format)


def sheet_file(
    name: str, columns: Sequence[str], lines: Sequence[tuple[Value, ...]], file_format: str
) -> tuple[bytes, str]:
    """One table as csv or xlsx, with its media type. Cells that a spreadsheet program would take for formulas are texts
    in both; numbers and days can be summed and sorted.
    """
    return (_csv(columns, lines), _CSV) if file_format == "csv" else (write_sheet(name, columns, lines), _XLSX)


def _lines(session: Session, found: Sequence[Use], today: date) -> Iterator[tuple[Value, ...]]:
    days = calendar(session)
    for each in found:
        provider, requester = (
            organisation(session, code).name for code in (each.row.provider_org, each.row.requester_org)
        )
        first = (str(each.row.id), each.row.resource_title, provider, requester)
        names = views.item_names(session, each)
        for record in views.records(each):
            used = None if record.items_used is None else [names.get(field, field) for field in record.items_used]
            items = "没有说明" if used is None else "、".join(used) or "都没有用到"
            yield (
                *first,
                record.seq,
                record.occasion_name,
                record.covers_from,
                record.covers_until,
                *(getattr(record, name) for name in PART_NAMES),
                items,
                f"更正第 {record.corrects} 号：{record.correction}" if record.corrects else "",
                f"{record.organisation} {record.recorded_by}",
                stamp_words(record.recorded_at),
                f"已由第 {record.corrected_by} 号更正" if record.corrected_by else "有效",
            )
        for moment in moments(each.life, each.spans, today, days, rules()):
            if moment.state != "kept":
                state = f"缺，应于 {moment.term.due_on.isoformat()} 前记录"
                yield (
                    *first,
                    None,
                    moment.rule.name,
                    moment.begins_on,
                    moment.ends_on,
                    *[""] * (len(PART_NAMES) + 4),
                    state,
                )


def _csv(columns: Sequence[str], lines: Sequence[tuple[Value, ...]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([protect(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
    return stream.getvalue().encode("utf-8-sig")

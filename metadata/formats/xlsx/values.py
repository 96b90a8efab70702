"""Sheets written as a new workbook: their values in their places, and nothing a spreadsheet program would act on."""

import io
import math
from collections.abc import Sequence
from datetime import date

import xlsxwriter

from metadata.formats.sheet import Sheet
from metadata.formats.workbook_cells import to_text
from metadata.formats.xlsx.listing import free_sheet_name
from metadata.formats.xlsx.markup import without_forbidden


def write_values(sheets: Sequence[Sheet]) -> bytes:
    """The xlsx file. Text is text, whatever it begins with: ``=1+1`` in a csv file must not become a formula."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    taken: set[str] = set()
    for sheet in sheets:
        name = free_sheet_name(sheet.name, taken)
        taken.add(name.casefold())
        page = book.add_worksheet(name)
        for row in sheet.rows:
            for column, cell in enumerate(row.cells):
                if cell is None:
                    continue
                if isinstance(cell, date):
                    page.write_datetime(row.number - 1, column, cell)
                elif isinstance(cell, bool):
                    page.write_boolean(row.number - 1, column, cell)
                elif isinstance(cell, int | float) and math.isfinite(cell):
                    page.write_number(row.number - 1, column, cell)
                else:
                    page.write_string(row.number - 1, column, without_forbidden(to_text(cell)))
    book.close()
    return stream.getvalue()

"""Cells are found and put whatever a writer leaves out, prefixes or closes by itself."""

import pytest

from metadata.errors import MetadataError
from metadata.formats.xlsx.markup import to_utf8
from metadata.formats.xlsx.worksheet import Change, change_cells, column_index

PUT = Change("新")
TEXT = '<is><t xml:space="preserve">新</t></is>'


def changed(data: str, *places: tuple[int, int], change: Change = PUT) -> str:
    sheet = f"<worksheet><sheetData>{data}</sheetData><x/></worksheet>"
    after = change_cells(sheet.encode(), dict.fromkeys(places, change), "表").decode()
    return after.removeprefix("<worksheet><sheetData>").removesuffix("</sheetData><x/></worksheet>")


def test_cells_without_references_follow_each_other() -> None:
    assert changed("<row><c/><c><v>1</v></c></row><row><c/></row>", (1, 1), (2, 0)) == (
        f'<row><c/><c r="B1" t="inlineStr">{TEXT}</c></row><row><c r="A2" t="inlineStr">{TEXT}</c></row>'
    )


def test_new_cells_stand_in_order_and_rows_too() -> None:
    after = changed(
        '<row r="2" spans="2:2" ht="9"><c r="B2" s="3"/></row><row r="5"/>', (1, 0), (2, 0), (2, 2), (5, 1), (7, 0)
    )
    assert after == (
        f'<row r="1"><c r="A1" t="inlineStr">{TEXT}</c></row>'
        f'<row r="2" ht="9"><c r="A2" t="inlineStr">{TEXT}</c><c r="B2" s="3"/><c r="C2" t="inlineStr">{TEXT}</c></row>'
        f'<row r="5"><c r="B5" t="inlineStr">{TEXT}</c></row>'
        f'<row r="7"><c r="A7" t="inlineStr">{TEXT}</c></row>'
    )


def test_a_new_cell_before_one_that_changes() -> None:
    after = changed('<row r="1"><c r="C1" s="2"><v>1</v></c></row>', (1, 0), (1, 1), (1, 2))
    assert [part[:2] for part in after.split('<c r="')[1:]] == ["A1", "B1", "C1"]
    assert after.count(TEXT) == 3
    assert "<v>" not in after


def test_a_sheet_without_cells() -> None:
    after = change_cells(b'<worksheet><sheetData a="1"/></worksheet>', {(3, 0): PUT}, "表").decode()
    assert after == (
        f'<worksheet><sheetData a="1"><row r="3"><c r="A3" t="inlineStr">{TEXT}</c></row></sheetData></worksheet>'
    )


def test_prefixes_are_kept() -> None:
    sheet = '<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1"/></x:row></x:sheetData></x:worksheet>'
    after = change_cells(sheet.encode(), {(1, 0): PUT}, "表").decode()
    assert '<x:c r="A1" t="inlineStr"><x:is><x:t xml:space="preserve">新</x:t></x:is></x:c>' in after


def test_a_cleared_cell_keeps_its_style_and_a_restyled_one_its_content() -> None:
    cells = '<row r="1"><c r="A1" s="4" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    assert '<c r="A1" s="4"/><c r="B1" t="s">' in changed(cells, (1, 0), change=Change(""))
    assert '<c r="B1" t="s" s="10"><v>1</v></c>' in changed(
        cells, (1, 1), change=Change(restyle=lambda style: style + 10)
    )


def test_a_new_cell_takes_the_style_of_its_row_or_column() -> None:
    rows = '<row r="1"/><row r="2" s="8" customFormat="1"/>'
    columns = '<cols><col min="1" max="2" style="7"/></cols>'
    sheet = f"<worksheet>{columns}<sheetData>{rows}</sheetData></worksheet>"
    after = change_cells(sheet.encode(), {(1, 1): PUT, (2, 1): PUT, (1, 2): PUT}, "表").decode()
    assert '<c r="B1" s="7"' in after
    assert '<c r="B2" s="8"' in after
    assert '<c r="C1" t=' in after


def test_utf_16_goes_out_as_utf_8() -> None:
    sheet = '<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData/></worksheet>'.encode("utf-16")
    after = change_cells(to_utf8(sheet), {(1, 0): PUT}, "表").decode()
    assert after.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert TEXT in after


@pytest.mark.parametrize(
    "sheet", ["<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet><sheetData/></worksheet>", "<worksheet><sheetData>", ""]
)
def test_what_is_no_sheet_is_refused(sheet: str) -> None:
    with pytest.raises(MetadataError, match="FILE_NOT_WORKBOOK"):
        change_cells(sheet.encode(), {(1, 0): PUT}, "表")


def test_column_letters_are_read() -> None:
    assert [column_index(each) for each in ("A", "Z", "AA", "$C$5", "", "a1", "甲")] == [0, 25, 26, 2, -1, -1, -1]

"""What cells say, spelled as people spell it."""

from datetime import date

import pytest

from metadata.formats.workbook_elements import ELEMENTS
from metadata.formats.workbook_values import Values


@pytest.mark.parametrize(
    ("element", "written", "value"),
    [
        ("published_on", "二〇二五年六月三十日", date(2025, 6, 30)),
        ("published_on", "二零二四年十二月二十一日", date(2024, 12, 21)),
        ("published_on", "二〇二五年十三月一日", None),
        ("published_on", "二〇二五年二月三十日", None),
        ("published_on", "二〇二五年一月二三日", None),
        ("update_cycle", "每 日", "daily"),
        ("share_type", "无条件 共享", "unconditional"),
        ("item_length", "10,2", None),
    ],
)
def test_values_as_people_write_them(element: str, written: str, value: object) -> None:
    found, problems = Values().read(ELEMENTS[element], written)
    assert found == value
    assert bool(problems) == (value is None)

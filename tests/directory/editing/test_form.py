"""The form as a value: it follows from the record, loses nothing, and says beside each field what it cannot read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.editing.form import MOST_ROWS, WAS, Faults, Form, field_of
from directory.editing.layout import FIELDS, NOT_TYPED, SECTIONS, TABLES, Field
from directory.editing.marks import marks
from directory.editing.widgets import Box, Day, Grid, Number, Unread, Words
from directory.errors import DirectoryError
from metadata.paths import LABELS
from metadata.resource import MountColumn, Party, Resource
from tests.strategies import RESOURCES

RECORD = Resource(title="企业登记", provider=Party(name="市场监管局"))


def sent(form: Form, *, has_windows_lines: bool = True) -> list[tuple[str, str]]:
    """What a browser makes of the form: lines lose their breaks, texts get Windows ones."""
    pairs: list[tuple[str, str]] = []

    def send(name: str, field: Field, typed: tuple[str, ...]) -> None:
        for text in field.widget.seen(typed):
            pairs.append((name, text.replace("\n", "\r\n") if has_windows_lines else text))

    for path, field in FIELDS.items():
        send(path, field, form.values[path])
    for path, rows in form.tables.items():
        for number, row in enumerate(rows):
            pairs.append((f"{path}[{number}].{WAS}", "".join(row.get(WAS, ()))))
            for field in TABLES[path].fields:
                send(f"{path}[{number}].{field.name}", field, row[field.name])
    return pairs


def typed(record: Resource = RECORD, **changes: str | tuple[str, ...]) -> Resource | Faults:
    """Read the record's form with these fields typed over (``__`` for a dot)."""
    pairs = {name: [text for each, text in sent(Form.of(record)) if each == name] for name, _ in sent(Form.of(record))}
    for name, text in changes.items():
        pairs[name.replace("__", ".")] = [text] if isinstance(text, str) else list(text)
    form = Form.sent((name, text) for name, texts in pairs.items() for text in texts)
    return form.without_blanks().read(record)


def faults(result: Resource | Faults) -> dict[str, str]:
    assert isinstance(result, Faults)
    return dict(result.fields)


def record(result: Resource | Faults) -> Resource:
    assert isinstance(result, Resource), result
    return result


@given(RESOURCES)
def test_any_record_goes_through_a_browser_unchanged(entry: Resource) -> None:
    form = Form.sent(sent(Form.of(entry)))
    assert form.without_blanks().read(entry) == entry


@given(RESOURCES, RESOURCES)
def test_what_is_not_typed_stays_and_what_is_typed_arrives(base: Resource, other: Resource) -> None:
    """The other's rows come as new rows; only what a browser cannot send at all differs."""
    shown = Form.of(other)
    rows = {path: tuple({**row, WAS: ("",)} for row in rows) for path, rows in shown.tables.items()}
    read = Form.sent(sent(Form(shown.values, rows))).without_blanks().read(base)
    if isinstance(read, Faults):  # what was put together of blanks alone is no name
        return
    for path in NOT_TYPED:
        name = path.partition(".")[0]
        assert getattr(read, name) == getattr(base, name) or name == "provider"
    assert read.provider.name == base.provider.name
    assert read.secrecy == other.secrecy
    assert read.update_cycle == other.update_cycle
    assert read.openness.is_open == other.openness.is_open
    assert read.extent.begins_on == other.extent.begins_on


@given(RESOURCES, st.data())
def test_rows_may_be_moved_and_keep_what_no_browser_shows(entry: Resource, data: Any) -> None:
    rows = Form.of(entry).tables["items"]
    order = data.draw(st.permutations(range(len(rows))))
    form = Form.of(entry).with_rows("items", [rows[place] for place in order])
    read = record(Form.sent(sent(form)).read(entry))
    assert read.items == tuple(entry.items[place] for place in order)


def test_every_field_of_the_record_is_in_the_form_or_says_why_not() -> None:
    in_form = {*FIELDS, *TABLES, *(field.path for table in TABLES.values() for field in table.fields)}
    containers = {path for path in LABELS if any(other.startswith(f"{path}.") for other in LABELS)}
    missing = set(LABELS) - in_form - set(NOT_TYPED) - containers
    assert not {path for path in missing if path.partition(".")[0] not in {*NOT_TYPED, "mounts"}}
    placed = [part.path for section in SECTIONS for part in section.parts]
    assert sorted(placed) == sorted({*FIELDS, *TABLES})


def test_marks_come_from_the_rules_with_their_article() -> None:
    assert marks()["title"].is_required
    assert "第十五条" in marks()["sharing.legal_basis"].clause
    assert not marks()["keywords"].is_required
    assert set(marks()) <= {*FIELDS, *TABLES}


def test_each_fault_stands_beside_its_field_in_the_order_of_the_form() -> None:
    found = faults(
        typed(
            title="",
            abstract="长" * 10_001,
            extent__scale="一万",
            extent__begins_on="去年",
            volumes__stored_gb="12 GB",
            update_cycle="天天",
            **{"items[0].was": "", "items[0].name": "姓名", "items[0].field": "", "items[0].length": "18位"},
        )
    )
    names = ["title", "abstract", "update_cycle", "items[0].field", "items[0].length"]
    assert list(found)[:5] == names
    assert {"extent.scale", "extent.begins_on", "volumes.stored_gb"} <= set(found)
    assert "10001" in found["abstract"]
    assert "整数" in found["items[0].length"]


def test_a_row_nobody_used_is_nobodys_and_an_emptied_one_is_said() -> None:
    assert record(typed(**{"items[0].was": "", "items[0].is_nullable": "yes"})).items == ()
    entry = RECORD.model_copy(update={"keywords": ("企业",)})
    with_item = record(typed(entry, **{"items[0].was": "", "items[0].name": "名称", "items[0].field": "mc"}))
    assert [item.field for item in with_item.items] == ["mc"]
    assert "items[0].name" in faults(typed(with_item, **{"items[0].name": ""}))


def test_the_maintainer_comes_and_goes_as_a_whole() -> None:
    kept = record(typed(maintainer__name="登记中心", maintainer__code=""))
    assert kept.maintainer == Party(name="登记中心")
    assert record(typed(kept, maintainer__name="")).maintainer is None
    assert "maintainer.name" in faults(typed(maintainer__address="一号路"))


@pytest.mark.parametrize("name", ["identifier", "assessments[0].conclusion", "items[0].colour", "x", "items.name", ""])
def test_a_field_that_is_not_the_forms_is_refused_by_name(name: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        Form.sent([(name, "1")])
    assert refused.value.code == "FORM_FIELD_UNKNOWN"


def test_too_long_a_table_is_refused() -> None:
    with pytest.raises(DirectoryError) as refused:
        Form.sent((f"items[{number}].name", "名") for number in range(MOST_ROWS + 1))
    assert refused.value.code == "FORM_ROWS_MANY"


@pytest.mark.parametrize(
    ("widget", "text", "value"),
    [
        (Day(), "2026年1月5日", "2026-01-05"),
        (Day(), "20260105", "2026-01-05"),
        (Day(), "２０２６/1/5", "2026-01-05"),
        (Number(), "１，２００", "1200"),
        (Words(), "企业、登记，企业; 市场", "('企业', '登记', '市场')"),
        (Grid(MountColumn), "xm name character varying(50)", None),
    ],
)
def test_what_people_write_is_understood(widget: Any, text: str, value: str | None) -> None:
    read = widget.read((text,))
    assert not isinstance(read, Unread)
    if value is not None:
        assert str(read) == value
    else:
        assert read == ({"field": "xm", "column": "name", "sql_type": "character varying(50)"},)


@pytest.mark.parametrize(
    ("widget", "text"),
    [
        (Day(), "2026-13-01"),
        (Day(), "2026-02-30"),
        (Number(), "十八"),
        (Number(), "-1"),
        (Number(), "9" * 16),
        (Grid(MountColumn), "xm"),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence(widget: Any, text: str) -> None:
    assert isinstance(widget.read((text,)), Unread)


def test_a_box_is_typed_in_degrees_of_either_kind() -> None:
    read = Box().read(("120.1552", "30°15′0″", "121", "31"))
    assert read == (432_558_720, 108_900_000, 435_600_000, 111_600_000)
    assert isinstance(Box().read(("120", "", "121", "31")), Unread)
    assert Box().read(("", "", "", "")) is None
    assert Box().read(Box().shown((432_558_720, -1_000, 0, 1))) == (432_558_720, -1_000, 0, 1)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("items[3].length", "items[3].length"),
        ("items[3]", "items[3]"),
        ("formats[0].types[2]", "formats[0].types"),
        ("keywords[1]", "keywords"),
        ("sharing.legal_basis[0].title", "sharing.legal_basis[0].title"),
        ("extent.box_mas[0]", "extent.box_mas"),
        ("assessments.secrecy", ""),
        ("identifier", ""),
    ],
)
def test_a_finding_is_led_to_the_field_it_is_about(path: str, name: str) -> None:
    assert field_of(path) == name

"""Starting records: the standards' items as items of an entry, consistent as they stand, and nothing decided."""

from datetime import date

import pytest

from metadata.checks import check
from metadata.resource import UNTITLED, Item, Mount, Party, Resource, Sharing, Volumes
from metadata.rules import lacks
from metadata.templates import as_template, starting_record, without_identity
from standards.findings import errors

OWN = Party(name="市公安局", code="11110000000013282X")


@pytest.mark.parametrize(
    ("library", "count", "theme"),
    [("population", 24, "公安"), ("legal_person", 23, "工商"), ("geospatial", 17, "测绘"), ("statistics", 16, "统计")],
)
def test_a_library_brings_its_items_and_theme(library: str, count: int, theme: str) -> None:
    made = starting_record(library, OWN)
    assert (made.title, made.library, made.provider, made.sharing) == (UNTITLED, library, OWN, Sharing())
    assert [category.name for category in made.categories] == [theme]
    assert len(made.items) == count
    assert all(item.base_item == f"{library}/{item.field}" for item in made.items)
    own_rules = [each for each in check(made, date(2026, 1, 1)) if each.path != "extent.crs"]
    assert [each for each in own_rules if each.path.startswith(("items", "categories", "formats"))] == []
    assert "title" in {each.path for each in errors(lacks(made))}


@pytest.mark.parametrize(
    ("library", "field", "expected"),
    [
        ("population", "id_number", ("C", 18, None, True, False, "GB 11643", "", 4)),
        ("population", "name", ("C", 100, None, False, False, "", "", 3)),
        ("population", "ethnicity_code", ("C", 2, None, False, True, "", "GB/T 3304", 3)),
        ("population", "birth_date", ("D", 8, None, False, True, "", "", 3)),
        ("population", "birth_region", ("C", 6, None, False, True, "", "", 3)),  # the provinces' table has two digits
        ("population", "id_valid_to", ("C", 8, None, False, True, "", "", 3)),  # or 长期
        ("population", "phone", ("C", 20, None, False, True, "", "", 3)),
        ("legal_person", "uscc", ("C", 18, None, True, False, "GB 32100", "", 1)),
        ("legal_person", "reg_capital", ("N", 18, 6, False, True, "", "", 1)),
        ("legal_person", "industry_code", ("C", 5, None, False, True, "", "", 1)),
        ("geospatial", "lon", ("N", 9, 6, False, True, "", "", 2)),
        ("geospatial", "geometry", ("G", None, None, False, True, "", "", 2)),
        ("statistics", "indicator_code", ("C", 32, None, True, False, "", "", 1)),
        ("statistics", "value", ("N", None, None, False, True, "", "", 1)),
    ],
)
def test_a_representation_becomes_type_and_length(library: str, field: str, expected: tuple[object, ...]) -> None:
    item = next(item for item in starting_record(library, OWN).items if item.field == field)
    shape = (item.type_code, item.length, item.precision, item.is_key, item.is_nullable)
    assert (*shape, item.data_element, item.code_table, item.sensitivity) == expected


def test_gates_of_a_library_are_no_items() -> None:
    assert "release_class" not in {item.field for item in starting_record("geospatial", OWN).items}
    assert "microdata_flag" not in {item.field for item in starting_record("statistics", OWN).items}


def test_a_library_the_standards_do_not_know_begins_empty() -> None:
    assert starting_record("social_credit", OWN) == Resource(title=UNTITLED, provider=OWN, library="social_credit")


def test_a_template_keeps_what_entries_have_in_common() -> None:
    record = Resource(
        title="常住人口",
        identifier="11000/1",
        code="101001/000001",
        class_code="101001",
        provider=OWN,
        items=(Item(name="姓名", field="name"),),
        sharing=Sharing(share_type="unconditional"),
        volumes=Volumes(stored_gb="2"),
        mounts=(Mount(mount_id="m1", node="gongan"),),
        published_on=date(2026, 1, 1),
        data_grade="3 级",
    )
    bare = without_identity(record)
    assert (bare.identifier, bare.code, bare.mounts, bare.volumes, bare.published_on) == ("", "", (), Volumes(), None)
    assert (bare.title, bare.class_code, bare.sharing) == (record.title, "101001", record.sharing)
    made = as_template(record, "population")
    assert (made.title, made.class_code, made.library, made.sharing) == (UNTITLED, "", "population", Sharing())
    assert (made.items, made.data_grade) == (record.items, "3 级")

"""Which items of an entry bring which rule of the base libraries, and that none of them stops anything."""

import re
from pathlib import Path
from typing import get_args

from metadata.base_rules import BASE_RULES, SUM_OF_COLUMNS, box_for
from metadata.dictionary import base_items
from metadata.quality import ItemKind, meaning, rules_of
from metadata.resource import Extent, Item, Party
from metadata.templates import starting_record

BOX = (0, 0, 3_600_000, 3_600_000)


def _items(*standard_items: str, **more: object) -> tuple[Item, ...]:
    return tuple(
        Item.model_validate({"name": item, "field": f"c{place}", "base_item": item, **more})
        for place, item in enumerate(standard_items)
    )


def _ids(*items: Item, box: tuple[int, int, int, int] | None = None) -> list[str]:
    return [rule.rule_id for rule in rules_of(items, box_mas=box) if rule.parameters.number]


def test_every_rule_is_about_standard_items() -> None:
    named = {item for rule in BASE_RULES for item in (*rule.items, *rule.further)}
    assert named <= set(base_items())


def test_none_is_more_than_a_warning() -> None:
    assert all(rule.certainty in ("recalled", "proposal") for rule in (*BASE_RULES, SUM_OF_COLUMNS))
    items = tuple(
        item.model_copy(update={"field": f"f{number}"})
        for number, item in enumerate(_items(*base_items(), type_code="M"))
    )
    found = [rule for rule in rules_of(items, box_mas=BOX) if rule.parameters.number]
    assert {rule.parameters.number for rule in found} == {rule.number for rule in BASE_RULES}
    assert {rule.action for rule in found} == {"report"}
    assert len({rule.rule_id for rule in found}) == len(found) == len(BASE_RULES)
    for rule in found:
        assert f"基础库规则 {rule.parameters.number}" in meaning(rule, {})


def test_a_rule_needs_all_of_its_items_once() -> None:
    assert _ids(*_items("population/id_number")) == []
    assert _ids(*_items("population/id_number", "population/birth_date")) == ["birth_date:c0:c1"]
    assert _ids(*_items("population/id_number", "population/id_number", "population/birth_date")) == []


def test_a_box_is_needed_to_lie_inside() -> None:
    place = _items("geospatial/geometry")
    assert _ids(*place) == ["geometry:c0"]
    assert _ids(*place, box=BOX) == ["geometry:c0", "inside:c0"]


def test_the_box_of_an_entry_in_degrees() -> None:
    place = _items("geospatial/geometry")
    for crs, expected in (("", BOX), ("EPSG:4490", BOX), ("CGCS2000", BOX), ("EPSG:4547", None), ("北京54", None)):
        assert box_for(place, Extent(box_mas=BOX, crs=crs)) == expected, crs
    assert box_for(place, Extent()) is None
    assert box_for(_items("population/id_number"), Extent(box_mas=BOX)) is None


def test_what_the_items_say_already_is_left_out() -> None:
    people = _items("population/id_number", "population/person_status")
    assert _ids(*people) == ["one_active:c0:c1"]
    assert _ids(people[0].model_copy(update={"is_key": True}), people[1]) == []
    bodies = _items("legal_person/legal_rep_id", "legal_person/legal_rep_id_type")
    assert _ids(*bodies) == ["identity_of_type:c0:c1"]
    assert _ids(bodies[0].model_copy(update={"data_element": "GB 11643"}), bodies[1]) == []


def test_a_total_and_its_parts_are_columns_of_one_unit() -> None:
    def values(*names: str, units: str = "人人人人") -> tuple[Item, ...]:
        return tuple(
            Item(name=name, field=name, base_item="statistics/value", unit=unit)
            for name, unit in zip(names, units, strict=False)
        )

    assert _ids(*values("人口合计", "男", "女")) == ["sum_of_columns:人口合计:男"]
    assert _ids(*values("合计", "男")) == []
    assert _ids(*values("合计", "总计", "男", "女")) == []
    assert _ids(*values("合计", "男", "占比", units="人人％")) == []
    assert _ids(*values("甲", "乙", "丙")) == []


def test_the_templates_of_the_base_libraries_bring_them() -> None:
    expected = {
        "population": {"P2", "P3", "P4", "P5"},  # P6 is the key's
        "legal_person": {"L2", "L3", "L4", "L5", "L6"},
        "geospatial": {"G2", "G3"},
        "statistics": {"S1", "S2", "S3", "S4", "S5"},
    }
    for library, numbers in expected.items():
        record = starting_record(library, Party(name="某局"))
        found = {rule.parameters.number for rule in rules_of(record.items)} - {""}
        assert found == numbers, library


def test_a_key_of_many_long_names_is_a_rule() -> None:
    items = tuple(Item(name="键", field=f"{'k' * 60}{number}", is_key=True) for number in range(10))
    assert any(rule.kind == "unique" and len(rule.columns) == 10 for rule in rules_of(items))


def test_the_page_lists_every_rule_as_it_is() -> None:
    """Kinds of rules and certainty as declared; every finding it names is given somewhere."""
    root = Path(__file__).parents[2]
    text = (root / "metadata/docs/base-rules.md").read_text()
    listed = {
        cells[1]: cells
        for cells in (re.split(r" *\| *", line) for line in text.splitlines())
        if len(cells) == 8 and re.fullmatch("[PLGS][1-7]", cells[1])
    }
    assert list(listed) == [
        f"{letter}{n}" for letter, most in zip("PLGS", (7, 6, 5, 5), strict=True) for n in range(1, most + 1)
    ]
    findings = (root / "metadata/library_rules.py").read_text()
    for number, (_, _, _, entries, rows, certainty, _, _) in listed.items():
        declared = [rule for rule in (*BASE_RULES, SUM_OF_COLUMNS) if rule.number == number]
        kinds = set(re.findall(r"`(\w+)`", rows))
        assert kinds - set(get_args(ItemKind)) == {rule.kind for rule in declared}, number
        assert {rule.certainty for rule in declared} <= {certainty}, number
        assert all(f'"{name}"' in findings for name in re.findall(r"`([\w.]+)`", entries)), number
        assert kinds or "`" in entries, number

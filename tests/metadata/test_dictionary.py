"""By which names columns go for standard items."""

import pytest

from metadata.dictionary import base_items, matches, plain
from standards.codes import is_table


@pytest.mark.parametrize(
    ("name", "key", "how"),
    [
        ("GMSFHM", "population/id_number", "field"),
        ("公民身份号码", "population/id_number", "chinese"),
        ("身份证号（必填）", "population/id_number", "chinese"),
        ("sfzh", "population/id_number", "spelling"),
        ("TY_SHXYDM", "legal_person/uscc", "spelling"),
        ("tongyishehuixinyongdaima", "legal_person/uscc", "pinyin"),
        ("ＣＳＲＱ", "population/birth_date", "field"),
        ("zczb", "legal_person/reg_capital", "spelling"),
        ("yhzgx", "population/relation_code", "field"),
        ("hzrq", "legal_person/approved_on", "initials"),
    ],
)
def test_names(name: str, key: str, how: str) -> None:
    found = {match.item.key: match.how for match in matches(name)}
    assert found.get(key) == how


def test_one_name_of_several_libraries_leads_to_all() -> None:
    assert {match.item.library for match in matches("region_code")} == {"legal_person", "geospatial", "statistics"}


def test_what_means_nothing_leads_nowhere() -> None:
    assert [matches(name) for name in ("", "_", "()", "column_7", "x" * 500, "\x00")] == [()] * 6
    assert plain("Ａ_b（注）") == "ab"


def test_items_are_complete() -> None:
    items = base_items()
    assert {item.library for item in items.values()} == {"population", "legal_person", "geospatial", "statistics"}
    assert items["population/id_number"].data_element == "GB 11643"
    assert all(is_table(item.code_table) for item in items.values() if item.code_table)

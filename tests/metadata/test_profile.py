"""Profiles: what a column's values look like is told, the values never."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from metadata.profile import rounded_count, rounded_share
from metadata.recognition import profile_values
from standards.check_digits import id_check_character

TODAY = date(2026, 3, 2)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_only_none_and_all_are_told_exactly(part: int, whole: int) -> None:
    share = rounded_share(min(part, whole), whole)
    assert share % 5 == 0
    assert (share == 0) == (min(part, whole) == 0)
    assert (share == 100) == (0 < whole <= part)


@given(st.integers(0, 2**40))
def test_counts_are_powers_of_two(count: int) -> None:
    rounded = rounded_count(count)
    assert rounded <= count < max(2 * rounded, 1)
    assert rounded & (rounded - 1) == 0


@given(st.lists(st.none() | st.text("机密甲乙丙丁戊QZ!", min_size=3, max_size=40), min_size=1, max_size=20))
def test_no_value_stands_in_its_profile(values: list[str | None]) -> None:
    written = profile_values(values, [len(value) for value in values if value is not None], TODAY).to_bytes().decode()
    assert not [value for value in values if value is not None and value in written]


def test_what_values_look_like() -> None:
    body = "11010519491231002"
    numbers = [body + id_check_character(body)] * 3
    seen = profile_values([*numbers, "x", None], [18, 18, 18, 1], TODAY)
    assert (seen.shares.id_number, seen.null_percent, seen.min_length, seen.max_length) == (75, 20, 1, 18)
    assert (seen.distinct, seen.sampled, seen.digits) == (2, 4, None)
    people = profile_values(["王小明", "欧阳·阿卜杜拉", "李四"], [3, 7, 2], TODAY)
    assert (people.shares.person_name, people.shares.org_name) == (100, 0)
    firms = profile_values(["王府井百货有限公司", "示例市数据局"], [9, 6], TODAY)
    assert (firms.shares.person_name, firms.shares.org_name) == (0, 100)
    days = profile_values(["20240229", "2024-02-28", "20240230", "2024/0101"], [8, 10, 8, 9], TODAY)
    assert days.shares.date == 50
    phones = profile_values(["13912345678", "0571-88888888", "12"], [11, 13, 2], TODAY)
    assert phones.shares.phone == 65
    amounts = profile_values(["-12.50", "007", "0"], [6, 3, 1], TODAY)
    assert (amounts.digits, amounts.scale) == (2, 2)
    assert profile_values(["示例市钟楼区槐荫胡同12号"], [13], TODAY).shares.address == 100


def test_code_tables_are_recognised_by_their_members() -> None:
    tables = [each.code_table for each in profile_values(["1", "2", "1", None], [1, 1, 1], TODAY).code_tables]
    assert "gbt2261-1-sex" in tables
    assert not profile_values(["王", "李"], [1, 1], TODAY).code_tables
    assert not any(table.startswith(("guide2017", "regulation")) for table in tables)


def test_nothing_at_all() -> None:
    empty = profile_values([], [], TODAY)
    assert (empty.sampled, empty.null_percent, empty.max_length, empty.digits) == (0, 0, None, None)
    nulls = profile_values([None, None], [], TODAY)
    assert (nulls.null_percent, nulls.distinct) == (100, 0)

"""Which codes lie in a territory: the table's own codes, at random, and what mergers left behind."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from standards import regions, territory

TODAY = date(2026, 11, 22)
CODES = tuple(each.code for each in regions.every())
LIVE = tuple(each.code for each in regions.every() if each.on(TODAY) is not None)
codes, live = st.sampled_from(CODES), st.sampled_from(LIVE)
MOST_PREFIXES = 100  # of a grant's row filter


def is_in(code: str, found: tuple[str, ...]) -> bool:
    return any(code.startswith(prefix) for prefix in found)


@settings(max_examples=60, deadline=None)
@given(place=live, others=st.lists(codes, min_size=1, max_size=60))
def test_the_prefixes_hold_the_territorys_codes_and_no_others(place: str, others: list[str]) -> None:
    found = territory.prefixes(place, TODAY)
    assert 1 <= len(found) <= MOST_PREFIXES
    for code in others:
        assert is_in(code, found) == territory.belongs(code, place, TODAY), (code, place)
    assert is_in(place, found)
    assert not [each for each in found for other in found if each != other and each.startswith(other)]


@settings(max_examples=60, deadline=None)
@given(inner=live, outer=live, code=codes)
def test_what_lies_in_a_part_lies_in_the_whole(inner: str, outer: str, code: str) -> None:
    for above in regions.ancestors(inner):
        assert territory.is_below(inner, above)
        assert not territory.is_below(above, inner)
        assert not territory.belongs(code, inner, TODAY) or territory.belongs(code, above, TODAY)
    if territory.is_below(inner, outer):
        assert territory.belongs(inner, outer, TODAY)
        assert not territory.belongs(outer, inner, TODAY)
    assert not territory.is_below(inner, inner)


@settings(max_examples=100, deadline=None)
@given(code=codes, places=st.tuples(live, live))
def test_a_code_lies_in_two_territories_only_where_one_holds_the_other(code: str, places: tuple[str, str]) -> None:
    first, second = places
    if territory.belongs(code, first, TODAY) and territory.belongs(code, second, TODAY):
        prefixes = sorted(map(territory.prefix_of, places), key=len)
        assert prefixes[1].startswith(prefixes[0])


def test_levels_are_of_the_codes_shape() -> None:
    shapes = {"000000": "nation", "440000": "province", "440300": "city", "440305": "county", "429004": "county"}
    shapes |= {"440305001": "township", "440305001000": "township", "440305001007": "village"}
    assert {code: territory.level_of(code) for code in shapes} == shapes
    assert territory.is_below("440305001", "440305")
    assert not territory.is_below("440300", "440400")


def test_rows_of_a_merged_county_go_to_what_it_became() -> None:
    """济南 took 莱芜 in 2019, 西城区 of 北京 took 宣武区 in 2010."""
    assert territory.prefixes("370100", TODAY) == ("3701", "371200", "371202", "371203")
    assert territory.prefixes("110102", TODAY) == ("110102", "110104")
    assert territory.belongs("371202007", "370116", TODAY)
    assert territory.present("110104", TODAY) == ("110102",)
    assert territory.present("110104", date(2008, 8, 8)) == ("110104",)
    assert territory.prefixes("110102", date(2008, 8, 8)) == ("110102",)


def test_rows_of_a_divided_district_are_nobodys_but_the_citys() -> None:
    """江干区 of 杭州 became part of 上城区 and part of 钱塘区: by the code nobody can say which rows are whose."""
    for part in ("330102", "330114"):
        assert not territory.belongs("330104", part, TODAY)
        assert "330104" in territory.divided(part, TODAY)
        assert "330104" not in territory.prefixes(part, TODAY)
    assert territory.belongs("330104", "330100", TODAY)
    assert territory.divided("330100", TODAY) == ()


def test_an_unknown_code_lies_where_it_is_written() -> None:
    assert territory.belongs("330199", "330100", TODAY)
    assert territory.prefixes("659999", TODAY) == ("659999",)
    assert territory.prefixes("440305001", TODAY) == ("440305001",)

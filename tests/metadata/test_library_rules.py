"""Geospatial and statistics entries: what stops them, what only warns, and that the demo's own pass."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.demo.catalogue import OBSERVATIONS, PLACES
from metadata.library_rules import crs_code
from metadata.resource import Extent, Item, Openness, Party, Resource, Sharing
from metadata.rules import check, lacks

TODAY = date(2026, 3, 2)
PARTY = Party(name="自然资源局", code="11110000000013282X")
PLACE = Resource(title="地名地址", provider=PARTY, library="geospatial")
WHOLE = Extent(region_code="330100", crs="EPSG:4490", scale=2000)
FIGURES = Resource(title="主要统计指标", provider=PARTY, library="statistics", update_cycle="quarterly")
CHINA_BOX = (118 * 3_600_000, 29 * 3_600_000, 121 * 3_600_000, 31 * 3_600_000)


def _checked(record: Resource, severity: str) -> set[tuple[str, str]]:
    return {(each.path, each.rule) for each in check(record, TODAY) if each.severity == severity}


def _lacking(record: Resource, severity: str = "error") -> set[tuple[str, str]]:
    own = ("lacks.extent", "lacks.microdata", "lacks.respondent")
    return {(each.path, each.rule) for each in lacks(record) if each.severity == severity and each.rule in own}


def test_a_geospatial_entry_needs_place_system_and_scale() -> None:
    missing = {("extent", "lacks.extent"), ("extent.crs", "lacks.extent"), ("extent.scale", "lacks.extent")}
    assert _lacking(PLACE) == missing
    assert _lacking(PLACE.model_copy(update={"extent": WHOLE})) == set()
    by_box = WHOLE.model_copy(update={"region_code": "", "box_mas": CHINA_BOX})
    assert _lacking(PLACE.model_copy(update={"extent": by_box})) == set()
    assert _lacking(PLACE.model_copy(update={"library": None})) == set(), "other entries need none of it"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EPSG:4490", "EPSG:4490"),
        ("epsg:4526", "EPSG:4526"),
        ("4490", "EPSG:4490"),
        ("urn:ogc:def:crs:EPSG::4549", "EPSG:4549"),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", "EPSG:4490"),
        ("CGCS2000", "EPSG:4490"),
        ("2000国家大地坐标系", "EPSG:4490"),
        ("西安80", "EPSG:4610"),
        ("gcj 02", "GCJ-02"),
        ("火星坐标系（高德）", "GCJ-02"),
        ("BD-09LL", "BD-09"),
        ("EPSG:4326", None),
        ("本地坐标", None),
    ],
)
def test_a_system_is_known_by_its_code_and_its_names(text: str, code: str | None) -> None:
    assert crs_code(text) == code


@pytest.mark.parametrize(
    ("crs", "errors", "warnings"),
    [
        ("EPSG:4490", 0, 0),
        ("EPSG:4554", 0, 0),
        ("EPSG:4326", 0, 1),
        ("北京54", 0, 1),
        ("EPSG:4610", 0, 1),
        ("GCJ-02", 1, 0),
        ("BD09", 1, 0),
    ],
)
def test_only_what_is_no_system_at_all_is_refused(crs: str, errors: int, warnings: int) -> None:
    record = PLACE.model_copy(update={"extent": WHOLE.model_copy(update={"crs": crs})})
    counts = {severity: ("extent.crs", "check.crs") in _checked(record, severity) for severity in ("error", "warning")}
    assert counts == {"error": bool(errors), "warning": bool(warnings)}


def test_an_unlisted_scale_only_warns() -> None:
    odd = PLACE.model_copy(update={"extent": WHOLE.model_copy(update={"scale": 3000})})
    assert ("extent.scale", "check.scale") in _checked(odd, "warning")
    assert _checked(odd, "error") == set()
    assert _checked(PLACE.model_copy(update={"extent": WHOLE}), "warning") == set()


@pytest.mark.parametrize(
    ("degrees", "words"),
    [
        ((118, 29, 121, 31), None),
        ((29, 75, 31, 80), "纬度写在了经度前面"),
        ((-10, 30, 5, 40), "超出东经"),
        ((120, 30, 140, 40), "超出东经"),
        ((116, 39, 117, 41), "杭州市（330100）约在东经 118.34–120.73 度"),  # Beijing
        ((119, 30, 123, 31), "请核对范围或区划代码"),
        ((120.1, 30.1, 120.2, 30.3), None),
    ],
)
def test_a_box_outside_the_country_or_the_region_warns_and_says_what_it_looks_like(
    degrees: tuple[float, float, float, float], words: str | None
) -> None:
    west, south, east, north = (int(edge * 3_600_000) for edge in degrees)
    record = PLACE.model_copy(update={"extent": WHOLE.model_copy(update={"box_mas": (west, south, east, north)})})
    found = [each.zh for each in check(record, TODAY) if each.rule == "check.place"]
    assert [words in zh for zh in found] == ([] if words is None else [True])
    elsewhere = record.extent.model_copy(update={"region_code": "000000"})
    assert not [e for e in check(record.model_copy(update={"extent": elsewhere}), TODAY) if e.rule == "check.place"]


@given(
    st.tuples(*[st.integers(-700_000_000, 700_000_000)] * 4),
)
def test_a_box_is_an_error_exactly_when_it_is_none(box: tuple[int, int, int, int]) -> None:
    west, south, east, north = box
    limit = 648_000_000
    is_sane = -limit <= west <= east <= limit and -limit // 2 <= south <= north <= limit // 2
    record = PLACE.model_copy(update={"extent": Extent(box_mas=box)})
    assert (("extent.box_mas", "check.box") in _checked(record, "error")) is not is_sane


def test_statistics_never_hold_microdata() -> None:
    told_apart = FIGURES.model_copy(update={"is_microdata": True})
    assert _checked(told_apart, "error") == {("is_microdata", "check.microdata")}
    assert [each.clause for each in check(told_apart, TODAY)] == ["统计法（2024年修正）第二十八条"]
    elsewhere = told_apart.model_copy(update={"library": None})
    assert _checked(elsewhere, "error") == set(), "a survey may be catalogued, not shared"
    shared = elsewhere.model_copy(
        update={"sharing": Sharing(share_type="conditional"), "openness": Openness(is_open=True)}
    )
    assert _lacking(shared) == {("sharing.share_type", "lacks.microdata"), ("openness.is_open", "lacks.microdata")}
    assert _lacking(elsewhere.model_copy(update={"sharing": Sharing(share_type="none")})) == set()


@pytest.mark.parametrize(
    ("item", "severity"),
    [
        (Item(name="证件号", field="a", data_element="GB 11643"), "error"),
        (Item(name="代码", field="a", data_element="GB 32100"), "error"),
        (Item(name="号码", field="a", base_item="population/id_number"), "error"),
        (Item(name="住户收入", field="a", sensitivity=3), "error"),
        (Item(name="身份证号", field="a"), "warning"),
        (Item(name="企业名称", field="a"), "warning"),
        (Item(name="指标名称", field="a"), None),
        (Item(name="发布单位名称", field="a"), None),
    ],
)
def test_an_item_that_tells_respondents_apart_is_named(item: Item, severity: str | None) -> None:
    record = FIGURES.model_copy(update={"items": (item,)})
    found = {each: _lacking(record, each) for each in ("error", "warning")}
    assert {name for name, findings in found.items() if findings} == ({severity} if severity else set())
    assert not _lacking(record.model_copy(update={"library": "population"}), "error")


@pytest.mark.parametrize(
    ("begins", "ends", "places"),
    [
        (date(2020, 1, 1), date(2025, 12, 31), set()),
        (date(2020, 4, 1), None, set()),
        (date(2020, 2, 1), None, {"extent.begins_on"}),
        (date(2020, 1, 1), date(2025, 11, 30), {"extent.ends_on"}),
        (date(2020, 1, 2), date(9999, 12, 31), {"extent.begins_on"}),
    ],
)
def test_a_period_is_made_of_whole_quarters(begins: date, ends: date | None, places: set[str]) -> None:
    record = FIGURES.model_copy(update={"extent": Extent(begins_on=begins, ends_on=ends)})
    assert _checked(record, "warning") == {(place, "check.frequency") for place in places}
    daily = record.model_copy(update={"update_cycle": "daily"})
    assert _checked(daily, "warning") == set()


def test_a_region_was_there_for_the_whole_of_the_period() -> None:
    """S2: 临平区 was founded in 2021; 江干区 ended then, and figures up to that year are of it."""
    for code, begins, ends, rules in (
        ("330113", date(2020, 1, 1), None, {"check.region_period"}),
        ("330113", date(2021, 1, 1), None, set()),
        ("330104", date(2000, 1, 1), date(2020, 12, 31), set()),
        ("330104", date(2000, 1, 1), date(2023, 12, 31), {"region.abolished"}),
    ):
        record = FIGURES.model_copy(update={"extent": Extent(region_code=code, begins_on=begins, ends_on=ends)})
        assert {rule for _, rule in _checked(record, "warning")} == rules, (code, begins)


def test_a_number_without_unit_warns() -> None:
    value = Item(name="数值", field="value", type_code="N")
    record = FIGURES.model_copy(update={"items": (value,)})
    assert _checked(record, "warning") == {("items[0].unit", "check.unit")}
    for mended in ((value.model_copy(update={"unit": "万元"}),), (value, Item(name="计量单位", field="jldw"))):
        assert _checked(record.model_copy(update={"items": mended}), "warning") == set()


def test_the_demos_own_entries_pass() -> None:
    for entry in (PLACES, OBSERVATIONS):
        record = entry.resource("11110000000013282X")
        assert _lacking(record) == _lacking(record, "warning") == set()
        assert _checked(record, "error") == set()
        assert not {rule for _, rule in _checked(record, "warning")} & {"check.crs", "check.scale", "check.place"}


def test_personal_items_of_children_are_to_be_looked_at() -> None:
    """P7, by the entry's words only: a warning for each item of level 3, none for what is level 4 already."""
    items = (
        Item(name="姓名", field="xm", sensitivity=3),
        Item(name="身份证号", field="sfzh", sensitivity=4),
        Item(name="学校", field="xx"),
    )
    record = Resource(title="学籍信息", provider=PARTY, items=items)
    expected = ("items[0].sensitivity", "check.minors")
    for changes in ({"title": "小学生学籍信息"}, {"keywords": ("学籍", "未成年人")}):
        found = _checked(record.model_copy(update=changes), "warning")
        assert {each for each in found if each[1] == "check.minors"} == {expected}
    assert expected not in _checked(record, "warning")

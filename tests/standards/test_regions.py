"""Region codes in time: valid in a period, followed by others, in a tree; against two outside lists where present."""

import csv
import io
import lzma
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.codes import rows
from standards.regions import COUNTRY, ancestors, check, children, label, region

DIVISIONS = Path(__file__).parents[3] / "shared" / "data" / "divisions"
needs_divisions = pytest.mark.skipif(not DIVISIONS.is_dir(), reason="../shared/data/divisions is not here")
TODAY = date(2023, 6, 30)


def test_a_code_has_its_names_in_time():
    found = region("130502")
    assert found is not None
    names = [found.on(date(year, 6, 1)) for year in (2019, 2021)]
    assert [period.name for period in names if period] == ["桥东区", "襄都区"]


@pytest.mark.parametrize(
    ("code", "day", "rules"),
    [
        ("110101", TODAY, []),
        ("110103", date(2009, 1, 1), []),
        ("110103", TODAY, [("region.abolished", "warning")]),
        ("310151", date(2010, 1, 1), [("region.early", "warning")]),
        ("119999", TODAY, [("region.unknown", "warning")]),
        ("440305001", TODAY, []),
        ("440305001002", TODAY, []),
        (COUNTRY, TODAY, []),
        ("1101", TODAY, [("region.shape", "error")]),
        ("11０101", TODAY, [("region.shape", "error")]),
        ("", TODAY, [("region.shape", "error")]),
    ],
)
def test_only_the_shape_is_an_error(code, day, rules):
    assert [(finding.rule, finding.severity) for finding in check(code, "extent.region_code", day)] == rules


def test_an_abolished_code_names_what_followed():
    assert "110101（北京市东城区）" in check("110103", "x", TODAY)[0].zh


def test_every_successor_is_known_and_every_predecessor_abolished():
    for row in rows("gbt2260-successors"):
        before = region(row["code"])
        assert before is not None
        assert before.on(TODAY) is None
        assert before.periods[-1].name == row["name"]
        for successor in row["successors"].split():
            after = region(successor)
            assert after is not None
            assert after.on(TODAY) is not None


def test_the_tree_has_every_valid_region_once():
    seen: list[str] = []
    waiting = [COUNTRY]
    while waiting:
        below = [each.code for each in children(waiting.pop(), TODAY)]
        seen += below
        waiting += below
    assert len(seen) == len(set(seen)) > 3000
    assert len(children(COUNTRY, TODAY)) == 34


def test_a_label_leaves_out_the_rows_that_only_hold_others():
    assert label("110101") == "北京市东城区"
    assert label("440305") == "广东省深圳市南山区"
    assert label("419001") == "河南省济源市"
    assert label(COUNTRY) == "全国"
    assert label("999999") == "999999"


@given(st.from_regex(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?", fullmatch=True))
def test_what_lies_above_is_shorter_or_ends_in_zeros(code):
    above = ancestors(code)
    assert code not in above
    assert all(code.startswith(each.rstrip("0")) for each in above)
    assert len(set(above)) == len(above) <= 4


def test_the_districts_of_2021_are_known_from_then_on():
    """Hangzhou's 临平区 and 钱塘区; what the one was cut from is still there, what made the other is not."""
    for code, name in (("330113", "临平区"), ("330114", "钱塘区")):
        assert label(code) == f"浙江省杭州市{name}"
        assert [each.rule for each in check(code, "p", date(2020, 6, 1))] == ["region.early"]
        assert check(code, "p", date(2021, 6, 1)) == []
    assert "钱塘区" in check("330104", "p", date(2024, 1, 1))[0].zh


@needs_divisions
def test_the_statistics_bureaus_list_of_2023_is_known_and_valid():
    """2,978 districts, counties and the bureau's own codes for development zones."""
    with (DIVISIONS / "cn_2023_areas.csv").open(encoding="utf-8", newline="") as file:
        areas = list(csv.DictReader(file))
    assert len(areas) > 2900
    assert [row["name"] for row in areas if check(row["code"], "x", TODAY)] == []


@needs_divisions
def test_old_revisions_are_valid_in_their_year():
    text = lzma.decompress((DIVISIONS / "gb2260_snapshots.csv.xz").read_bytes()).decode()
    old = [row for row in csv.DictReader(io.StringIO(text)) if row["revision"].startswith("2008")]
    wrong = [row["code"] for row in old if check(row["code"], "x", date(2008, 12, 31))]
    assert len(old) > 3000
    assert len(wrong) <= len(old) * 0.02, wrong

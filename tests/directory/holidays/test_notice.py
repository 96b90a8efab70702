"""The two lists as people type and paste them, held against the notices of real years."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.clock.seed import notice_days
from directory.holidays.notice import NamedDay, Notice, as_text, covers, faults, read, sentences_by_field

NOTICE_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"""


def days(*spelled: str) -> list[date]:
    return [date.fromisoformat(each) for each in spelled]


def test_the_notice_itself_can_be_pasted() -> None:
    notice, found = read(2026, "国办发明电〔2025〕7 号", NOTICE_2026, "")
    assert found == ()
    known = [each for each in notice_days() if each.day.year == 2026]
    assert {each.day for each in notice.off} >= {each.day for each in known if each.kind == "off"}
    assert {each.day for each in notice.make_up} == {each.day for each in known if each.kind == "make_up"}
    assert len(notice.off) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert {each.name for each in notice.off} == {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}


def test_the_whole_notice_can_be_pasted_with_what_stands_around_its_days() -> None:
    around = """国务院办公厅关于2025年
部分节假日安排的通知
国办发明电〔2024〕12号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2025年元旦、春节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2024年11月12日"""
    notice, found = read(2025, "国办发明电〔2024〕12号", around, "")
    assert found == ()
    assert (notice.off[0].day, len(notice.off)) == (date(2025, 1, 1), 1 + 8)
    assert [each.day for each in notice.make_up] == days("2025-01-26", "2025-02-08")


def test_days_that_are_counted_wrong_are_not_taken() -> None:
    _, found = read(2027, "通知", "元旦：1月1日至3日放假，共4天", "")
    assert "写着 4 天，读出 3 天" in sentences_by_field(found)["off"]


@pytest.mark.parametrize(
    "typed", ["2025年10月1日", "按国务院通知，10月 1日放假", "国务院通知：五月一日放假", "通知：国庆节放假3日"]
)
def test_a_day_among_what_stands_around_is_never_lost_silently(typed: str) -> None:
    _, found = read(2026, "通知", f"元旦 1月1日\n{typed}", "")
    assert "off" in sentences_by_field(found)


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("2027-02-05 至 2027-02-08", days("2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08")),
        ("春节 2月5日-7日", days("2027-02-05", "2027-02-06", "2027-02-07")),
        ("春节 2月5日 - 2月6日", days("2027-02-05", "2027-02-06")),
        ("1. 元旦 1月1日", days("2027-01-01")),
        ("春节 2月5日 8", []),
        ("春节 2月5日—7日", days("2027-02-05", "2027-02-06", "2027-02-07")),
        ("2/5 ~ 2/6", days("2027-02-05", "2027-02-06")),
        ("１２月３１日（2026年）", []),
        ("2026年12月31日至2027年1月2日", days("2026-12-31", "2027-01-01", "2027-01-02")),
        ("5月1日、5月4日", days("2027-05-01", "2027-05-04")),
    ],
)
def test_spellings(typed: str, read_as: list[date]) -> None:
    notice, found = read(2027, "通知", typed, "")
    if read_as:
        assert ([each.day for each in notice.off], found) == (read_as, ())
    else:
        assert sentences_by_field(found).keys() & {"off"}


@pytest.mark.parametrize("year", range(2008, 2027))
def test_every_year_there_was_survives_being_shown_and_typed_again(year: int) -> None:
    first, last = covers(year)
    known = [each for each in notice_days() if first <= each.day <= last]
    off, make_up = (
        tuple(NamedDay(each.day, "节") for each in known if each.kind == kind) for kind in ("off", "make_up")
    )
    again, found = read(year, "通知", as_text(off), as_text(make_up))
    assert ((again.off, again.make_up), found) == ((off, make_up), ())


@pytest.mark.parametrize(
    ("off", "make_up", "field", "word"),
    [
        ("", "", "off", "没有放假"),
        ("不知道", "", "off", "没有读出日期"),
        ("2月30日", "", "off", "不是日期"),
        ("10月7日至1日", "", "off", "颠倒"),
        ("1月1日至12月20日", "", "off", "过长"),
        ("2026-10-01", "", "off", "2027 年通知"),
        ("2027-12-31", "", "off", "2027 年通知"),
        ("1月1日", "2027-02-10", "make_up", "本来就上班"),
        ("1月2日", "1月2日", "make_up", "两栏都有"),
    ],
)
def test_what_no_notice_can_say(off: str, make_up: str, field: str, word: str) -> None:
    _, found = read(2027, "通知", off, make_up)
    assert word in sentences_by_field(found)[field]


def test_a_notice_names_its_source_and_each_day_once() -> None:
    day = NamedDay(date(2027, 1, 1), "元旦")
    assert sentences_by_field(faults(Notice(2027, " ", (day, day), ()))).keys() == {"source", "off"}


@given(st.text(max_size=200), st.text(alphabet="0123456789月日年至-/、。 上班", max_size=80), st.integers(2004, 2100))
def test_whatever_is_typed_is_read_or_named(off: str, make_up: str, year: int) -> None:
    notice, found = read(year, "通知", off, make_up)
    first, last = covers(year)
    if not found:
        assert notice.off
        assert all(first <= each.day <= last for each in (*notice.off, *notice.make_up))


@given(st.sets(st.integers(0, 360), min_size=1, max_size=100))
def test_a_list_is_read_back_as_it_was_shown(numbers: set[int]) -> None:
    named = tuple(NamedDay(date(2027, 1, 1) + timedelta(days=n), "春节" if n % 3 else "") for n in sorted(numbers))
    notice, _ = read(2027, "通知", as_text(named), "")
    assert notice.off == named

"""A year's holiday notice as its two lists, read from what people type or paste, and what is wrong with it. Pure.

The State Council's office publishes the notice each November: days off, and weekend days worked instead (调休). Its own
sentences can be pasted: ``春节：2月15日（农历腊月二十八、周日）至23日（周一）放假调休，共9天``.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from directory.clock.deadlines import SATURDAY

MOST_DAYS: Final = 120
"""A notice has about forty days; a list longer than this is a slip of the pen."""
_TURN: Final = (12, 25)
_REMARK = re.compile(r"\([^()]*\)")
_DATE = r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})日?"
_SPAN = re.compile(rf"(?<!\d){_DATE}(?:\s*(?:至|到|~|—+|–|-|\.\.)\s*(?:{_DATE}|(\d{{1,2}})日?))?(?!\d)")
_NUMBER = re.compile(r"^[\s]*(?:[一二三四五六七八九十]+|\d+)[、.]\s*(?=\D)")
_COUNT = re.compile(r"(?:共|放假)\s*(\d+)\s*天")
_AROUND = re.compile(
    r"通知|国办发|国务院|人民政府|直属机构|节假日期间|鼓励各单位"
)  # what stands around the days in a notice
_PLAIN_NUMBER = re.compile(r"\d{4}年|[\[〔]\d{4}[\]〕]\s*\d+号")  # a year, a document's number
_SPELLED_DAY = re.compile(r"\d|[一二三四五六七八九十]\s*[日号]")
_ISSUED = re.compile(r"(国务院办公厅\s*)?(\d{4})年(\d{1,2})月(\d{1,2})日")
_NAME = re.compile(r"^[\s,;:。、]*([^\d\s,;:。、]{1,20})")


@dataclass(frozen=True)
class NamedDay:
    """One day and the holiday it belongs to, if the list names it."""

    day: date
    name: str


@dataclass(frozen=True)
class Notice:
    """A year's notice: where it stands, and its two lists, each day once, in order."""

    year: int
    source: str
    off: tuple[NamedDay, ...]
    make_up: tuple[NamedDay, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong, in which field (``source``, ``off``, ``make_up``), as a sentence."""

    field: str
    zh: str


def read(year: int, source: str, off: str, make_up: str) -> tuple[Notice, tuple[Fault, ...]]:
    """A notice from what was typed; a line or sentence may hold a name and any number of days and spans.

    A date without a year is of ``year``. A sentence that says 上班 is of make-up days in whichever list it stands, so
    that the whole notice can be pasted into one, with what stands around the days: those words are passed over. Where a
    sentence counts its days, it must be right. Returns also all that is wrong, in reading or in substance.
    """
    lists: dict[str, dict[date, str]] = {"off": {}, "make_up": {}}
    unread: list[Fault] = []
    for field, text in (("off", off), ("make_up", make_up)):
        plain = _REMARK.sub("", unicodedata.normalize("NFKC", text))
        is_around = False
        for sentence in filter(None, (part.strip() for part in re.split(r"[\n。;]", plain))):
            is_around = _is_around(sentence, year, is_below=is_around)
            if is_around:
                continue
            days, fault = _read_sentence(sentence, year)
            lists["make_up" if "上班" in sentence else field] |= days
            if fault:
                unread.append(Fault(field, fault))
    named = {field: tuple(NamedDay(day, days[day]) for day in sorted(days)) for field, days in lists.items()}
    notice = Notice(year, source.strip(), named["off"], named["make_up"])
    return notice, (*unread, *faults(notice))


def _is_around(sentence: str, year: int, *, is_below: bool) -> bool:
    """Whether it is one of the notice's own words around its days: heading, address, day of issue, appeals.

    A bare day is that of issue only below such words, else one of a wrong year; nor is a day that cannot be read one.
    """
    issued = _ISSUED.fullmatch(sentence)
    if issued and (issued[1] or is_below):
        return (int(issued[2]), int(issued[3]), int(issued[4])) < (year - 1, *_TURN)
    has_day = _SPAN.search(sentence) or _SPELLED_DAY.search(_PLAIN_NUMBER.sub("", sentence))
    return not has_day and bool(_AROUND.search(sentence))


def _read_sentence(sentence: str, year: int) -> tuple[dict[date, str], str]:
    spans = list(_SPAN.finditer(sentence))
    if not spans:
        return {}, f"“{sentence[:40]}”中没有读出日期"
    if any(character.isdigit() for character in _COUNT.sub("", _SPAN.sub("", _NUMBER.sub("", sentence)))):
        return {}, f"“{sentence[:40]}”中有没读懂的数字"
    name = _name(sentence[: spans[0].start()])
    found: dict[date, str] = {}
    for span in spans:
        days = _days(span, year)
        if days is None:
            return {}, f"“{span[0]}”不是日期，或起止颠倒、过长"
        found |= dict.fromkeys(days, name)
    counted = sum(map(int, _COUNT.findall(sentence)))
    if counted and counted != len(found):
        return {}, f"“{sentence[:40]}”写着 {counted} 天，读出 {len(found)} 天"
    return found, ""


def covers(year: int) -> tuple[date, date]:
    """The first and last day that a year's notice speaks of: New Year's holiday may begin in the December before."""
    return date(year - 1, *_TURN), date(year, *_TURN) - timedelta(days=1)


def faults(notice: Notice) -> tuple[Fault, ...]:
    """What no notice can say: days of another year, make-up days on weekdays, a day in both lists, nothing off."""
    off, make_up = ({each.day for each in days} for days in (notice.off, notice.make_up))
    found = []
    if not notice.source.strip():
        found.append(Fault("source", "请写明依据，如通知的文号"))
    if not off:
        found.append(Fault("off", "没有放假的日子；整年照常的年份不存在"))
    if len(off) + len(make_up) > MOST_DAYS:
        found.append(Fault("off", f"合计 {len(off) + len(make_up)} 天，超过 {MOST_DAYS} 天"))
    first, last = covers(notice.year)
    outside = f"不在 {notice.year} 年通知的范围（{first} 至 {last}）之内"
    found += _each("off", (day for day in off if not first <= day <= last), outside)
    found += _each("make_up", (day for day in make_up if not first <= day <= last), outside)
    found += _each("make_up", (day for day in make_up if day.weekday() < SATURDAY), "是周一至周五，本来就上班")
    found += _each("make_up", off & make_up, "两栏都有")
    for field, days in (("off", notice.off), ("make_up", notice.make_up)):
        counted = Counter(each.day for each in days)
        found += _each(field, (day for day, number in counted.items() if number > 1), "写了两次")
    return tuple(found)


def as_text(days: Iterable[NamedDay]) -> str:
    """A list as lines that ``read_list`` reads back to the same days."""
    lines: list[str] = []
    run: list[NamedDay] = []
    for each in (*days, None):
        if run and (each is None or each.name != run[-1].name or each.day - run[-1].day != timedelta(days=1)):
            first, last = run[0].day.isoformat(), run[-1].day.isoformat()
            lines.append(f"{run[0].name} {first}{'' if first == last else f' 至 {last}'}".strip())
            run = []
        if each is not None:
            run.append(each)
    return "\n".join(lines)


def _name(before: str) -> str:
    words = _NAME.match(_NUMBER.sub("", before))
    return words[1] if words else ""


def _days(span: re.Match[str], year: int) -> list[date] | None:
    """The days of a span, both ends included; None when it is none."""
    first_year, month, day, last_year, last_month, last_day, only_day = span.groups()
    try:
        first = date(int(first_year or year), int(month), int(day))
        if only_day:
            last = first.replace(day=int(only_day))
        elif last_month:
            last = date(int(last_year or first.year), int(last_month), int(last_day))
        else:
            last = first
    except ValueError:
        return None
    length = (last - first).days
    return [first + timedelta(days=n) for n in range(length + 1)] if 0 <= length < MOST_DAYS else None


def _each(field: str, days: Iterable[date], why: str) -> list[Fault]:
    wrong = "、".join(day.isoformat() for day in sorted(days))
    return [Fault(field, f"{wrong} {why}")] if wrong else []


def sentences_by_field(found: Iterable[Fault]) -> Mapping[str, str]:
    """The sentences of each field together, as a form shows them."""
    sentences: dict[str, str] = {}
    for fault in found:
        sentences[fault.field] = f"{sentences[fault.field]}；{fault.zh}" if fault.field in sentences else fault.zh
    return sentences

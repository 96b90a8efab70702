"""What a column's values look like. Takes values, gives a ``ValueProfile`` that holds none. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final

from metadata.profile import CodeShare, Shares, ValueProfile, rounded_count, rounded_share
from standards import catalogue
from standards.check_digits import check_id_number, check_org_code, check_uscc
from standards.codes import table
from standards.regions import region

MAX_VALUE_CHARACTERS: Final = 256
MIN_CODE_SHARE: Final = 80

# Tables about the catalogue itself: no register's column holds them.
_NOT_OF_DATA = ("guide2017", "gbt21063", "gbt36344", "regulation", "mapping", "security", "sm-", "base-items")

_PHONE = re.compile(r"(?:\+?86-?)?1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}(?:-[0-9]{1,6})?")
_DATE = re.compile(
    r"(?P<year>1[89][0-9]{2}|20[0-9]{2})(?P<mark>[-/.]?)(?P<month>[0-9]{2})(?P=mark)(?P<day>[0-9]{2})"
    r"(?:[ T][0-9:.+-]{4,}.*)?"
)
_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"-?(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{2,4}")
_MINORITY_NAME = re.compile(r"[\u3400-\u9fff]{1,10}(?:·[\u3400-\u9fff]{1,10})+")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐庞伍殷颜章"
)
_ORG_NAME = re.compile(
    r".{2,}(?:公司|厂|店|社|局|委员会|中心|学校|大学|医院|银行|协会|研究院|研究所|事务所|政府|办公室|合作社)"
)
_ADDRESS = re.compile(
    r".*(?:省|市|区|县|镇|乡|街道|路|街|巷|胡同|村).*(?:[0-9０-９一二三四五六七八九十]+(?:号|弄|幢|栋|单元|室|组).*)"
)


def profile_values(values: Sequence[str | None], lengths: Iterable[int], today: date) -> ValueProfile:
    """Describe a sample. ``values`` are texts, None for NULL; ``lengths`` of all that are not NULL, in characters.

    Whoever samples leaves out what is longer than ``MAX_VALUE_CHARACTERS``: only its length is of interest.
    """
    counts = Counter(value for value in values if value is not None)
    known, sizes = counts.total(), list(lengths)
    nulls = len(values) - len(sizes)
    numbers = [found for value in counts if (found := _NUMBER.fullmatch(value))]
    is_number = bool(counts) and len(numbers) == len(counts) and known == len(sizes)
    return ValueProfile(
        sampled=rounded_count(len(values)),
        null_percent=rounded_share(nulls, len(values)),
        distinct=rounded_count(len(counts)),
        min_length=min(sizes, default=None),
        max_length=max(sizes, default=None),
        digits=max(len(each["whole"].lstrip("0")) for each in numbers) if is_number else None,
        scale=max(len(each["part"] or "") for each in numbers) if is_number else None,
        shares=_shares(counts, len(sizes), today),
        code_tables=_code_tables(counts, len(sizes)),
    )


def _shares(counts: Mapping[str, int], whole: int, today: date) -> Shares:
    tests: Mapping[str, Callable[[str], bool]] = {
        "id_number": lambda value: _is_id_number(value, today),
        "uscc": lambda value: len(value) == 18 and not _errors(check_uscc(value, "")),
        "org_code": lambda value: len(value) in {9, 10} and not _errors(check_org_code(value, "")),
        "phone": lambda value: _PHONE.fullmatch(value) is not None,
        "date": _is_date,
        "region": _is_region,
        "person_name": _is_person_name,
        "org_name": lambda value: len(value) <= 100 and _ORG_NAME.fullmatch(value) is not None,
        "address": lambda value: _ADDRESS.fullmatch(value) is not None,
    }
    found = {
        name: rounded_share(sum(count for value, count in counts.items() if test(value)), whole)
        for name, test in tests.items()
    }
    return Shares.model_validate(found)


def _errors(findings: Sequence[object]) -> bool:
    return any(getattr(finding, "severity", "") == "error" for finding in findings)


def _is_id_number(value: str, today: date) -> bool:
    return len(value) == 18 and value[:17].isascii() and not _errors(check_id_number(value, "", today))


def _is_date(value: str) -> bool:
    found = _DATE.fullmatch(value)
    if found is None:
        return False
    try:
        date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return False
    return True


def _is_region(value: str) -> bool:
    if len(value) not in {6, 9, 12} or not value.isascii() or _DIGITS.fullmatch(value) is None:
        return False
    return region(value[:6]) is not None


def _is_person_name(value: str) -> bool:
    if _MINORITY_NAME.fullmatch(value):
        return True
    return value[:1] in _SURNAMES and _HAN.fullmatch(value) is not None and _ORG_NAME.fullmatch(value) is None


@cache
def _tables_by_code() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in set(catalogue.standards().values()):
        if entry.codes is not None and not entry.standard_id.startswith(_NOT_OF_DATA):
            for code in table(entry.standard_id).codes:
                found.setdefault(code, set()).add(entry.standard_id)
    return {code: frozenset(names) for code, names in found.items()}


def _code_tables(counts: Mapping[str, int], whole: int) -> tuple[CodeShare, ...]:
    """The tables that hold most of the values, the best first."""
    members: Counter[str] = Counter()
    for value, count in counts.items():
        for name in _tables_by_code().get(value, ()):
            members[name] += count
    shares = [CodeShare(code_table=name, percent=rounded_share(count, whole)) for name, count in members.items()]
    return tuple(
        sorted((each for each in shares if each.percent >= MIN_CODE_SHARE), key=lambda e: (-e.percent, e.code_table))
    )

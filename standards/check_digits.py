"""Identification numbers with check characters: what is wrong with one value, and the constants to check many in SQL.

公民身份号码 GB 11643 (ISO 7064 MOD 11-2), 统一社会信用代码 GB 32100 (MOD 31), 组织机构代码 GB 11714 (MOD 11).
python-stdnum serves only as an oracle in the tests: it refuses residence permits, districts younger than the holder,
and credit codes that begin with a letter. Findings never carry the value: it may be personal.
"""

from datetime import date
from typing import Final

from standards.codes import table
from standards.findings import Finding, Severity

ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK_CHARACTERS: Final = "10X98765432"
ID_EARLIEST_BIRTH: Final = date(1850, 1, 1)
RESIDENCE_PERMIT_PREFIXES: Final = ("810000", "820000", "830000")
FOREIGNER_FIRST_DIGIT: Final = "9"

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
USCC_NATIONAL_REGION: Final = "10"  # 100000: registered with the national authority, no province

ORG_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_ASCII_DIGITS = frozenset("0123456789")
_ID, _USCC, _ORG = "GB 11643-1999", "GB 32100-2015", "GB 11714-1997"


def id_check_character(body: str) -> str:
    """The check character of the first 17 digits of a 公民身份号码."""
    total = sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True))
    return ID_CHECK_CHARACTERS[total % 11]


def uscc_check_character(body: str) -> str:
    """The check character of the first 17 characters of a 统一社会信用代码."""
    total = sum(USCC_ALPHABET.index(character) * weight for character, weight in zip(body, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def org_check_character(body: str) -> str:
    """The check character of the eight characters of a 组织机构代码."""
    total = sum(ORG_ALPHABET.index(character) * weight for character, weight in zip(body, ORG_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def check_id_number(value: str, path: str, today: date) -> list[Finding]:
    """What is wrong with a 公民身份号码 of 18 characters; nothing, or only warnings, means it may be used.

    A birth date must be real, not before 1850 and not after ``today``. An unknown region and a lower-case ``x`` are
    warnings: numbers are never reissued when regions change, and ``x`` is to be stored as ``X``.
    """
    if len(value) != 18 or not set(value[:17]) <= _ASCII_DIGITS or value[17] not in "0123456789Xx":
        return [_finding(path, "id.form", "须为 17 位数字加 1 位数字或 X", "not 17 digits and a digit or X", _ID)]
    findings = []
    if value[17] == "x":
        zh, en = "末位小写 x 应存为大写 X", "the final x should be stored as X"
        findings.append(_finding(path, "id.lower_case", zh, en, _ID, "warning"))
    if value[17].upper() != id_check_character(value[:17]):
        findings.append(_finding(path, "id.check", "末位校验码不符", "the check character is wrong", _ID))
    birth = _birth_date(value)
    if birth is None:
        findings.append(_finding(path, "id.birth", "出生日期不存在", "the birth date does not exist", _ID))
    elif not ID_EARLIEST_BIRTH <= birth <= today:
        zh, en = "出生日期早于 1850 年或晚于今天", "the birth date lies before 1850 or in the future"
        findings.append(_finding(path, "id.birth", zh, en, _ID))
    if not _is_known_region(value):
        zh, en = "前两位不是已知的省级区划", "the first two digits are no known province"
        findings.append(_finding(path, "id.region", zh, en, _ID, "warning"))
    return findings


def check_uscc(value: str, path: str) -> list[Finding]:
    """What is wrong with a 统一社会信用代码; nothing, or only warnings, means it may be used.

    Warnings: department and category not in the table or listed by an uncertain source, province unknown, and an inner
    组织机构代码 whose own check fails (some early codes).
    """
    if len(value) != 18 or not set(value) <= set(USCC_ALPHABET) or not set(value[2:8]) <= _ASCII_DIGITS:
        zh = "须为 18 位数字或大写字母（不含 I、O、S、V、Z），第 3 至 8 位为数字"
        en = "not 18 digits or capitals (without I, O, S, V, Z), digits in places 3 to 8"
        return [_finding(path, "uscc.form", zh, en, _USCC)]
    findings = []
    if value[17] != uscc_check_character(value[:17]):
        findings.append(_finding(path, "uscc.check", "末位校验码不符", "the check character is wrong", _USCC))
    category = table("gb32100-uscc-category").codes.get(value[:2])
    if category is None or not category.is_certain:
        zh, en = (
            "前两位的登记管理部门和机构类别未列入已核实的表",
            "the first two characters are not in the verified table",
        )
        findings.append(_finding(path, "uscc.category", zh, en, _USCC, "warning"))
    if value[2:4] != USCC_NATIONAL_REGION and value[2:4] not in table("gbt2260-provinces").codes:
        zh, en = "第 3、4 位不是已知的省级区划", "places 3 and 4 are no known province"
        findings.append(_finding(path, "uscc.region", zh, en, _USCC, "warning"))
    if value[16] != org_check_character(value[8:16]):
        zh, en = "第 9 至 17 位的组织机构代码校验码不符", "the inner organisation code's check fails"
        findings.append(_finding(path, "uscc.inner", zh, en, _ORG, "warning"))
    return findings


def check_org_code(value: str, path: str) -> list[Finding]:
    """What is wrong with a 组织机构代码, with or without its hyphen."""
    plain = value[:8] + value[9:] if value[8:9] == "-" else value
    if len(plain) != 9 or not set(plain[:8]) <= set(ORG_ALPHABET) or plain[8] not in "0123456789X":
        zh, en = "须为 8 位数字或大写字母加校验码", "not eight digits or capitals and a check character"
        return [_finding(path, "org.form", zh, en, _ORG)]
    if plain[8] != org_check_character(plain[:8]):
        return [_finding(path, "org.check", "末位校验码不符", "the check character is wrong", _ORG)]
    return []


def _birth_date(value: str) -> date | None:
    try:
        return date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return None


def _is_known_region(value: str) -> bool:
    """Positions 1–2, or a residence permit's six; in a foreigner's permit (leading 9) positions 2–3 are the province.

    So region 99, which is unassigned, is unknown: 9 and then 9x is no province.
    """
    provinces = table("gbt2260-provinces").codes
    if value[0] == FOREIGNER_FIRST_DIGIT:
        return value[1:3] in provinces
    return value[:6] in RESIDENCE_PERMIT_PREFIXES or value[:2] in provinces


def _finding(path: str, rule: str, zh: str, en: str, clause: str, severity: Severity = "error") -> Finding:
    return Finding(path=path, rule=rule, severity=severity, zh=zh, en=en, clause=clause)

"""国民经济行业分类 (GB/T 4754-2017): the shape of a code and whether its division belongs to its section.

Sections A–T with the divisions each holds are listed, groups and classes are not: their text was not available. The
list is from memory, so a code that disagrees with it is a warning.
"""

import re
from functools import cache

from standards.codes import rows, table
from standards.findings import Finding, Severity

_SHAPE = re.compile(r"([A-T])?([0-9]{2,4})?")


def section_of(code: str) -> str | None:
    """The section of a division, group or class (``2614`` -> ``C``), also written with its letter; None if unknown."""
    found = _SHAPE.fullmatch(code)
    if not code or found is None:
        return None
    letter, digits = found.groups()
    return letter if digits is None else _sections().get(digits[:2])


def check_industry(code: str, path: str) -> list[Finding]:
    """What is wrong with ``C``, ``26``, ``261``, ``2614`` or ``C2614``: a wrong shape is an error, the rest warns."""
    found = _SHAPE.fullmatch(code)
    if not code or found is None:
        zh = f"行业代码“{code}”应为门类字母（A–T）加 2 至 4 位数字"
        return [_finding(path, "shape", "error", zh, "an industry code is a letter A to T and two to four digits")]
    letter, digits = found.groups()
    if digits is None:
        return []
    section = _sections().get(digits[:2])
    if section is None:
        return [
            _finding(path, "unknown", "warning", f"行业大类“{digits[:2]}”不在分类表中", "the division is not listed")
        ]
    if letter is not None and letter != section:
        name = table("gbt4754-2017-sections").label(section)
        zh = f"行业大类“{digits[:2]}”属于门类 {section}（{name}），不属于 {letter}"
        return [_finding(path, "section", "warning", zh, f"the division belongs to section {section}")]
    return []


def _finding(path: str, rule: str, severity: Severity, zh: str, en: str) -> Finding:
    return Finding(path=path, rule=f"industry.{rule}", severity=severity, zh=zh, en=en, clause="GB/T 4754-2017")


@cache
def _sections() -> dict[str, str]:
    """The section of each division of two digits."""
    found: dict[str, str] = {}
    for row in rows("gbt4754-2017-sections"):
        first, _, last = row["division_range"].partition("-")
        found |= {f"{number:02d}": row["section"] for number in range(int(first), int(last or first) + 1)}
    return found

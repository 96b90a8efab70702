"""行政区划代码 (GB/T 2260): what a code is called, when it was valid, what followed it, what lies above and below it.

A code is valid in a period of years. Names and years are those of python-stdnum's table, which was made from Chinese
Wikipedia and is read from the installed package, not copied; what it lacks of the statistics bureau's list of 2023 is a
table of ours (districts founded in 2021, development zones), and so is what followed an abolished code, from memory.
None is official, so an unknown, abolished or not yet valid code is a warning (``standards/05`` §4).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from stdnum import numdb

from standards.codes import rows
from standards.findings import Finding, Severity

STANDARD = "GB/T 2260"
COUNTRY = "000000"  # the whole country: a convention of data, no code of the standard

_PERIOD = re.compile(r"(?:\[(\d{4})?-(\d{4})?\])?([^\[\],]+)")
_UMBRELLA = re.compile(r"市辖区|县|.*直辖县级行政(?:单位|区划)")  # rows that only hold others together
_SHAPE = re.compile(r"[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?")


@dataclass(frozen=True)
class Period:
    """A name that a code had, from the year ``begins`` to the year ``ends``, both included; None is open."""

    name: str
    begins: int | None
    ends: int | None

    def covers(self, day: date) -> bool:
        """Whether the name was valid on some day of that day's year."""
        return (self.begins is None or self.begins <= day.year) and (self.ends is None or day.year <= self.ends)


@dataclass(frozen=True)
class Region:
    """One code of six digits with its names in time, oldest first, and the codes that followed it."""

    code: str
    periods: tuple[Period, ...]
    successors: tuple[str, ...]

    @property
    def name(self) -> str:
        """The last name."""
        return self.periods[-1].name

    def on(self, day: date) -> Period | None:
        """The name valid on a day, None when the code was not valid then."""
        return next((period for period in reversed(self.periods) if period.covers(day)), None)


def every() -> Iterator[Region]:
    """All of them, of whatever time, in the order of their codes."""
    yield from _regions().values()


def region(code: str) -> Region | None:
    """The region of a code of six digits, None when the table does not have it."""
    return _regions().get(code)


def ancestors(code: str) -> tuple[str, ...]:
    """The codes above, nearest first: 440305001 -> 440305, 440300, 440000; by shape, whether or not listed."""
    above = [code[:9]] if len(code) == 12 else []
    if len(code) > 6:
        above.append(code[:6])
    county = code[:6]
    above += [f"{county[:4]}00"] if county[4:] != "00" else []
    above += [f"{county[:2]}0000"] if county[2:] != "0000" else []
    return tuple(dict.fromkeys(each for each in above if each != COUNTRY))


def children(code: str, day: date) -> tuple[Region, ...]:
    """The regions valid on a day right below a province or prefecture; below ``COUNTRY`` the provinces.

    A county-level unit right under a province (xx90yy, and in municipalities xx01yy) is a child of its 90 or 01 row
    where the table has one, and of the province otherwise.
    """
    return tuple(found for found in _below().get(code, ()) if found.on(day) is not None)


def label(code: str) -> str:
    """The name with those above it (广东省深圳市南山区), as far as they are known; the bare code when nothing is."""
    if code == COUNTRY:
        return "全国"
    names = [found.name for each in (*reversed(ancestors(code)), code) if (found := region(each)) is not None]
    return "".join(dict.fromkeys(name for name in names if not _UMBRELLA.fullmatch(name))) or code


def check(code: str, path: str, day: date) -> list[Finding]:
    """What is wrong with a region code as of a day: its shape is an error, all else a warning.

    Six digits, or nine and twelve with the units below the county (GB/T 10114).
    """
    if code == COUNTRY:
        return []
    if not _SHAPE.fullmatch(code):
        zh = f"行政区划代码“{code}”应为 6、9 或 12 位数字"
        return [_finding(path, "shape", zh, "a region code has 6, 9 or 12 digits", "error")]
    found = region(code[:6])
    if found is None:
        zh = f"行政区划代码“{code[:6]}”不在已知的区划表中"
        return [_finding(path, "unknown", zh, "the region code is not in the known table")]
    if found.on(day) is not None:
        return []
    last = found.periods[-1]
    if last.begins is not None and day.year < last.begins:
        zh = f"行政区划代码“{code[:6]}”（{found.name}）{last.begins} 年起才有"
        return [_finding(path, "early", zh, f"the region code is valid from {last.begins}")]
    followed = "、".join(f"{each}（{label(each)}）" for each in found.successors)
    zh = f"行政区划代码“{code[:6]}”（{found.name}）{last.ends} 年后不再使用" + (
        f"，现为 {followed}" if followed else ""
    )
    return [_finding(path, "abolished", zh, f"the region code was valid until {last.ends}")]


def _finding(path: str, rule: str, zh: str, en: str, severity: Severity = "warning") -> Finding:
    return Finding(path=path, rule=f"region.{rule}", severity=severity, zh=zh, en=en, clause=STANDARD)


def _parent(code: str) -> str:
    for above in ancestors(code):
        if above in _regions():
            return above
    return COUNTRY


@cache
def _below() -> Mapping[str, tuple[Region, ...]]:
    """The regions right below each code, of whatever time."""
    found: dict[str, tuple[Region, ...]] = {}
    for each in _regions().values():
        parent = _parent(each.code)
        found[parent] = (*found.get(parent, ()), each)
    return MappingProxyType(found)


@cache
def _regions() -> Mapping[str, Region]:
    """Every region by code, in the order of the codes."""
    followed = {row["code"]: tuple(row["successors"].split()) for row in rows("gbt2260-successors")}
    found = {}
    for code, names in _names():
        periods = tuple(
            Period(name, int(begins) if begins else None, int(ends) if ends else None)
            for begins, ends, name in _PERIOD.findall(names)
        )
        found[code] = Region(code, periods, followed.get(code, ()))
    for row in rows("gbt2260-additions"):
        period = Period(row["name"], int(row["begins"]) if row["begins"] else None, None)
        found[row["code"]] = Region(row["code"], (period,), ())
    return MappingProxyType(dict(sorted(found.items())))


def _names() -> Iterator[tuple[str, str]]:
    """Codes and names as python-stdnum's table writes them: ``[-1991]东郊区,[1992-]东丽区``."""
    provinces = numdb.get("cn/loc")
    for _, province, _, about, below in provinces.prefixes:
        yield f"{province}0000", about["province"]
        for _, rest, _, properties, _ in below:
            if rest != "0000":
                yield f"{province}{rest}", properties["county"]

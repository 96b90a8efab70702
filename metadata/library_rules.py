"""What entries of the base libraries must be, beyond what every entry must.

``check`` findings are about what is there, ``lacks`` findings about what publication still needs. What rests on codes
and scales that are only recalled warns; what the statistics law says (2024, Art. 28: no data by which a single
respondent can be told apart) and what the libraries are for stops.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final

from metadata.resource import Extent, Item, Resource
from standards.codes import rows, table
from standards.extents import Box, box_around
from standards.findings import Finding, Severity
from standards.regions import label as region_label
from standards.regions import region

STATISTICS_LAW: Final = "统计法（2024年修正）第二十八条"
PERSONAL_INFORMATION_LAW: Final = "个人信息保护法第二十八条"
GEOSPATIAL_RULE: Final = "空间地理基础库要求（范围、CGCS2000、比例尺）"
MAS_PER_DEGREE: Final = 3_600_000

_EPSG = re.compile(
    r"(?:URN:OGC:DEF:CRS:EPSG:[0-9.]*:|HTTPS?://WWW\.OPENGIS\.NET/DEF/CRS/EPSG/[0-9.]+/|EPSG:?)?([0-9]{4,5})"
)
_CHINA = (73, 3, 136, 54)  # base-items-geospatial: the ranges of lon and lat, recalled
_BEYOND_DEGREES = 0.5  # whole degrees written for tenths; the territorial sea is 12 nautical miles, 0.2 degrees wide
_RESPONDENT_ELEMENTS = {"GB 11643": "公民身份号码", "GB 32100": "统一社会信用代码", "GB 11714": "组织机构代码"}
_RESPONDENT_ITEMS = frozenset(
    {"population/id_number", "population/name", "legal_person/uscc", "legal_person/org_code"}
    | {"legal_person/legal_rep_id", "legal_person/legal_rep_name"}
)
_RESPONDENT_NAMES = re.compile(
    r"身份证|身份号码|统一社会信用代码|组织机构代码|^姓名|人姓名|户主|^(被)?(调查|填报)(单位|对象|企业)|^(企业|单位|法人)(名称|代码)|手机号|联系电话"
)
_PERSONAL = 3
_MINORS = re.compile(r"未成年|儿童|婴儿|幼儿|新生儿|学龄前|小学生|孤儿|出生医学证明|出生登记")
_PERIOD_MONTHS = {"monthly": 1, "quarterly": 3, "halfyear": 6, "yearly": 12}


def check_library(resource: Resource) -> Iterator[Finding]:
    """What is wrong, or looks it, in an entry as it is; extent and coordinate system are looked at in every entry."""
    yield from _check_crs(resource.extent)
    yield from _check_scale(resource.extent)
    yield from _check_place(resource.extent)
    yield from _check_minors(resource)
    if resource.library == "statistics":
        yield from _check_statistics(resource)


def lacks_library(resource: Resource) -> Iterator[Finding]:
    """What an entry of these libraries still needs, or must not hold, to be published."""
    if resource.library == "geospatial":
        yield from _lacks_geospatial(resource.extent)
    if resource.library == "statistics":
        for number, item in enumerate(resource.items):
            yield from _respondent(item, f"items[{number}]")
    if resource.is_microdata and (resource.sharing.share_type in {"unconditional", "conditional"}):
        zh = "能识别单个统计调查对象的资料不得对外提供，不能设为可共享"
        en = "data that tell single respondents apart may not be provided, so they cannot be shared"
        yield _say("sharing.share_type", "lacks.microdata", zh, en, clause=STATISTICS_LAW)
    if resource.is_microdata and resource.openness.is_open:
        zh = "能识别单个统计调查对象的资料不得对外提供，不能向社会开放"
        en = "data that tell single respondents apart may not be provided, so they cannot be open"
        yield _say("openness.is_open", "lacks.microdata", zh, en, clause=STATISTICS_LAW)


def crs_code(text: str) -> str | None:
    """The listed code that a coordinate system's name means (``EPSG:4490`` for CGCS2000, 4490, an OGC URN); or None."""
    systems = table("geospatial-crs")
    found = systems.fix(text)
    if found is not None:
        return found
    number = _EPSG.fullmatch(text.strip().upper())
    if number is not None:
        return f"EPSG:{number[1]}" if f"EPSG:{number[1]}" in systems.codes else None
    folded = _folded(text)
    return next((code for spelling, code in _refused().items() if folded.startswith(spelling)), None)


@cache
def _refused() -> dict[str, str]:
    """Every spelling of a system that government data may not be in, folded, and its code."""
    listed = [row for row in rows("geospatial-crs") if row["standing"] == "refused"]
    return {_folded(name): row["code"] for row in listed for name in (row["code"], *row["aliases"].split())}


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).upper()


def _say(path: str, rule: str, zh: str, en: str, severity: Severity = "error", clause: str = "") -> Finding:
    return Finding(path=path, rule=rule, severity=severity, zh=zh, en=en, clause=clause)


def _check_crs(extent: Extent) -> Iterator[Finding]:
    if not extent.crs:
        return
    code = crs_code(extent.crs)
    if code is None:
        zh = f"“{extent.crs}”不是 CGCS2000 系列的坐标系代码，如 EPSG:4490"
        en = f"{extent.crs!r} is no code of the CGCS2000 family"
        yield _say("extent.crs", "check.crs", zh, en, "warning", GEOSPATIAL_RULE)
        return
    standing = next(row["standing"] for row in rows("geospatial-crs") if row["code"] == code)
    label = table("geospatial-crs").label(code)
    if standing == "refused":
        zh = f"{code}（{label}）不是政务数据可用的坐标系，须先转换到 CGCS2000"
        yield _say(
            "extent.crs",
            "check.crs",
            zh,
            f"{code} is no coordinate system for government data",
            "error",
            GEOSPATIAL_RULE,
        )
    elif standing == "legacy":
        zh = f"{code}（{label}）是旧坐标系，应转换到 CGCS2000（EPSG:4490）"
        yield _say(
            "extent.crs",
            "check.crs",
            zh,
            f"{code} is a former system; CGCS2000 is in force",
            "warning",
            GEOSPATIAL_RULE,
        )


def _check_scale(extent: Extent) -> Iterator[Finding]:
    if extent.scale is not None and table("geospatial-scales").label(str(extent.scale)) is None:
        zh = f"1:{extent.scale} 不在国家基本比例尺系列中（1:500 至 1:1 000 000）"
        en = f"1:{extent.scale} is not of the national scale series"
        yield _say("extent.scale", "check.scale", zh, en, "warning", GEOSPATIAL_RULE)


def _check_place(extent: Extent) -> Iterator[Finding]:
    """G5, as a warning: the box of a region lies in its range; turned round it is latitude before longitude."""
    if extent.box_mas is None or not extent.region_code or extent.region_code[:2] == "00":
        return
    west, south, east, north = extent.box_mas
    if not _in_china(extent.box_mas):
        if _in_china((south, west, north, east)):
            zh = "空间范围像是把纬度写在了经度前面，应依次为西、南、东、北"
            en = "the box seems to have latitude before longitude"
        else:
            zh = f"空间范围超出东经 73–136 度、北纬 3–54 度，与区划代码 {extent.region_code} 不符"
            en = f"the box lies outside 73–136 E, 3–54 N, but the region is {extent.region_code}"
        yield _say("extent.box_mas", "check.place", zh, en, "warning", "GB/T 2260；经纬度取值范围")
        return
    found = box_around(extent.region_code)
    if found is not None and not _is_near(extent.box_mas, found[1]):
        code, around = found
        range_zh = f"东经 {around.west}–{around.east} 度、北纬 {around.south}–{around.north} 度"
        zh = f"空间范围与区划不符：{region_label(code)}（{code}）约在{range_zh}；请核对范围或区划代码，含海域的可不改"
        en = f"the box reaches far beyond {code}, which lies about {around.west}–{around.east} E, "
        en += f"{around.south}–{around.north} N"
        yield _say("extent.box_mas", "check.place", zh, en, "warning", "GB/T 2260；区划经纬度范围（非官方）")


def _is_near(box_mas: tuple[int, int, int, int], around: Box) -> bool:
    """They have a place in common, and the box reaches nowhere further beyond than rounding and a coast's sea do."""
    west, south, east, north = (edge / MAS_PER_DEGREE for edge in box_mas)
    if west > around.east or east < around.west or south > around.north or north < around.south:
        return False
    beyond = (around.west - west, around.south - south, east - around.east, north - around.north)
    return max(beyond) <= _BEYOND_DEGREES


def _check_minors(resource: Resource) -> Iterator[Finding]:
    """P7: data of children under fourteen are sensitive. That an entry is about them, only its words can tell."""
    said = " ".join((resource.title, *resource.keywords))
    found = _MINORS.search(said)
    if found is None:
        return
    for number, item in enumerate(resource.items):
        if item.sensitivity == _PERSONAL:
            zh = f"条目涉及“{found[0]}”，不满十四周岁未成年人的个人信息属于敏感信息；请核对“{item.name}”是否应为 4 级"
            en = f"item {item.field!r} may be of children under fourteen, whose personal data are sensitive (level 4)"
            yield _say(f"items[{number}].sensitivity", "check.minors", zh, en, "warning", PERSONAL_INFORMATION_LAW)


def _in_china(box: tuple[int, int, int, int]) -> bool:
    west, south, east, north = (edge / MAS_PER_DEGREE for edge in box)
    return _CHINA[0] <= west <= east <= _CHINA[2] and _CHINA[1] <= south <= north <= _CHINA[3]


def _lacks_geospatial(extent: Extent) -> Iterator[Finding]:
    if extent.box_mas is None and not extent.region_code:
        zh = "缺少空间范围：须填区划代码或西、南、东、北边界"
        yield _say("extent", "lacks.extent", zh, "the extent is missing: region or box", clause=GEOSPATIAL_RULE)
    if not extent.crs:
        zh = "缺少坐标系：须为 CGCS2000 系列，如 EPSG:4490"
        yield _say("extent.crs", "lacks.extent", zh, "the coordinate system is missing", clause=GEOSPATIAL_RULE)
    if extent.scale is None:
        zh = "缺少比例尺；影像、地址等填与其精度相当的比例尺"
        en = "the scale is missing; images and addresses give the equivalent one"
        yield _say("extent.scale", "lacks.extent", zh, en, clause=GEOSPATIAL_RULE)


def _check_statistics(resource: Resource) -> Iterator[Finding]:
    if resource.is_microdata:
        zh = "统计库只收汇总数据：能识别单个统计调查对象的资料不得入库"
        en = "the statistics library holds aggregates only, never microdata"
        yield _say("is_microdata", "check.microdata", zh, en, clause=STATISTICS_LAW)
    yield from _check_period(resource)
    yield from _check_region_period(resource.extent)
    has_unit_item = any(item.field in {"unit", "unit_mult"} or "计量单位" in item.name for item in resource.items)
    for number, item in enumerate(resource.items):
        if item.type_code in "NYBF" and not item.unit and not item.is_key and not has_unit_item:
            zh = f"数值项“{item.name}”没有计量单位，也没有“计量单位”数据项"
            en = f"the number {item.field!r} has no unit"
            yield _say(f"items[{number}].unit", "check.unit", zh, en, "warning", "统计基础库规则 S3（指标单位固定）")


def _check_period(resource: Resource) -> Iterator[Finding]:
    """S1: a period of time is made of whole reporting periods."""
    months = _PERIOD_MONTHS.get(resource.update_cycle or "")
    if months is None:
        return
    begins, ends = resource.extent.begins_on, resource.extent.ends_on
    label = table("guide2017-update-cycle").label(resource.update_cycle or "")
    if begins is not None and not _begins_period(begins, months):
        zh = f"时间范围的起日 {begins} 不是一个统计期的第一天（更新周期：{label}）"
        en = f"{begins} does not begin a {resource.update_cycle} period"
        yield _say("extent.begins_on", "check.frequency", zh, en, "warning", "统计基础库规则 S1")
    if ends is not None and ends < date.max and not _begins_period(ends + timedelta(days=1), months):
        zh = f"时间范围的止日 {ends} 不是一个统计期的最后一天（更新周期：{label}）"
        en = f"{ends} does not end a {resource.update_cycle} period"
        yield _say("extent.ends_on", "check.frequency", zh, en, "warning", "统计基础库规则 S1")


def _check_region_period(extent: Extent) -> Iterator[Finding]:
    """S2: the region was there on the first day already; otherwise the figures are not of one and the same place."""
    found = region(extent.region_code[:6]) if len(extent.region_code) >= 6 else None
    if found is None or extent.begins_on is None or found.on(extent.begins_on) is not None:
        return
    zh = f"区划代码 {extent.region_code}（{found.name}）在时间范围的起日 {extent.begins_on} 不在使用，前后数据口径不一"
    en = f"region {extent.region_code} was not in use on {extent.begins_on}"
    yield _say("extent.region_code", "check.region_period", zh, en, "warning", "统计基础库规则 S2")


def _begins_period(day: date, months: int) -> bool:
    return day.day == 1 and (day.month - 1) % months == 0


def _respondent(item: Item, path: str) -> Iterator[Finding]:
    """An item that tells a single respondent apart: an error where the entry itself says so, a warning by its name."""
    said = _RESPONDENT_ELEMENTS.get(item.data_element)
    if said is None and item.base_item in _RESPONDENT_ITEMS:
        said = item.base_item
    if said is None and item.sensitivity >= _PERSONAL:
        said = "个人信息"
    if said is not None:
        zh = f"统计库的数据项“{item.name}”是{said}，能识别单个调查对象，不得共享；请改为汇总项"
        en = f"item {item.field!r} tells single respondents apart ({said})"
        yield _say(path, "lacks.respondent", zh, en, clause=STATISTICS_LAW)
    elif _RESPONDENT_NAMES.search(item.name):
        zh = f"数据项“{item.name}”从名称看能识别单个调查对象；统计库只收汇总数据，请核对"
        en = f"item {item.field!r} by its name tells single respondents apart"
        yield _say(path, "lacks.respondent", zh, en, "warning", STATISTICS_LAW)

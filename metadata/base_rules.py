"""What standards/06 asks of the rows of the four base libraries, beyond what each item says by itself.

A rule is about standard items (``population/id_number``). An entry gets it when its items declare those, each exactly
once: of two identity numbers in a row nobody can say which one a birth date belongs to. All of them rest on
recollection or are proposals, so that each only counts the rows that break it, and stops none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from metadata.library_rules import crs_code
from metadata.resource import Extent, Item

RowKind = Literal[
    "birth_date",
    "sex",
    "not_before",
    "ended",
    "credit_code_head",
    "credit_code_body",
    "identity_of_type",
    "region",
    "range",
    "geometry",
    "inside",
    "period",
    "region_period",
    "sum_of_columns",
    "one_active",
    "one_unit",
    "sum_of_rows",
    "growth",
]
Certainty = Literal["found", "recalled", "proposal"]

# What several rows together show, and no row alone.
OF_SEVERAL_ROWS: Final = frozenset({"one_active", "one_unit", "sum_of_rows", "growth"})

VALUE: Final = "statistics/value"
_TOTAL_NAMES: Final = ("合计", "总计", "总和")
_MIN_PARTS: Final = 2
_IN_DEGREES: Final = frozenset({"EPSG:4490", "EPSG:4480"})
_DEGREES: Final = {"lon": (73, 136), "lat": (3, 54)}


@dataclass(frozen=True)
class BaseRule:
    """One check of standards/06 by its number there (``P2``).

    ``items`` are the standard items that it needs, ``further`` those that it takes into account where they are
    declared. ``meaning`` is for whoever puts a row right; ``{0}`` is the first item's name. ``limits`` are the least
    and the greatest number; ``needs_box`` that the entry declares a box in degrees.
    """

    number: str
    kind: RowKind
    items: tuple[str, ...]
    indicator: str
    certainty: Certainty
    meaning: str
    further: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    needs_box: bool = False


@dataclass(frozen=True)
class Asked:
    """A rule with the fields of an entry: ``roles`` says which part each of ``columns`` plays in it."""

    rule: BaseRule
    columns: tuple[str, ...]
    roles: tuple[str, ...]


def _rule(
    number: str,
    kind: RowKind,
    items: str,
    meaning: str,
    indicator: str = "0104",
    certainty: Certainty = "recalled",
    **more: object,
) -> BaseRule:
    return BaseRule(number, kind, tuple(items.split()), indicator, certainty, meaning, **more)  # type: ignore[arg-type]


# What tells one observation's series from another: totals and changes are compared within one of them only.
_SERIES: Final = tuple(
    f"statistics/{field}"
    for field in ("freq", "accum_flag", "unit", "unit_mult", "survey_form", "published_on", "comparison")
)
_OBSERVATION: Final = "statistics/indicator_code statistics/region_code statistics/time_period statistics/value"

BASE_RULES: Final = (
    _rule("P2", "birth_date", "population/id_number population/birth_date", "{1}应与{0}第 7–14 位一致"),
    _rule("P3", "sex", "population/id_number population/sex_code", "{1}应与{0}第 17 位的奇偶一致（奇数男、偶数女）"),
    *(
        _rule("P4", "region", f"population/{field}", "{0}应是现行或历史的行政区划代码", "0105")
        for field in ("birth_region", "native_region", "hukou_region")
    ),
    _rule("P5", "not_before", "population/death_date population/birth_date", "{0}不应早于{1}", "0503"),
    _rule(
        "P6",
        "one_active",
        "population/id_number population/person_status",
        "同一{0}只应有一条状态为“正常”的记录",
        "0304",
        "proposal",
    ),
    _rule("L2", "credit_code_head", "legal_person/uscc", "{0}前两位应是登记管理部门和机构类别代码表所列", "0105"),
    _rule("L3", "credit_code_body", "legal_person/uscc", "{0}第 9–17 位应符合 GB 11714 的校验", "0302"),
    _rule("L4", "not_before", "legal_person/cancelled_on legal_person/established_on", "{0}不应早于{1}", "0503"),
    _rule("L4", "not_before", "legal_person/approved_on legal_person/established_on", "{0}不应早于{1}", "0503"),
    _rule("L4", "not_before", "legal_person/valid_to legal_person/valid_from", "{0}不应早于{1}", "0503"),
    _rule(
        "L4",
        "ended",
        "legal_person/reg_status legal_person/cancelled_on",
        "{0}为注销或吊销的应有{1}，为存续的不应有",
    ),
    _rule(
        "L5",
        "identity_of_type",
        "legal_person/legal_rep_id legal_person/legal_rep_id_type",
        "{1}为 111（居民身份证）时，{0}应符合 GB 11643",
    ),
    _rule("L6", "region", "legal_person/region_code", "{0}应是已知的行政区划代码", "0402"),
    _rule("G2", "range", "geospatial/lon", "{0}应在东经 73–136 度之间，经纬度不应颠倒", "0302", limits=_DEGREES["lon"]),
    _rule("G2", "range", "geospatial/lat", "{0}应在北纬 3–54 度之间，经纬度不应颠倒", "0302", limits=_DEGREES["lat"]),
    _rule(
        "G3",
        "geometry",
        "geospatial/geometry",
        "{0}应是有效的 WKT 或 GeoJSON：点数足够，环首尾相接",
        "0302",
        "proposal",
    ),
    _rule(
        "G4",
        "inside",
        "geospatial/geometry",
        "{0}应在目录所填的空间范围之内",
        "0402",
        "proposal",
        needs_box=True,
    ),
    _rule(
        "G4",
        "inside",
        "geospatial/lon geospatial/lat",
        "{0}、{1}应在目录所填的空间范围之内",
        "0402",
        "proposal",
        needs_box=True,
    ),
    _rule(
        "S1",
        "period",
        "statistics/time_period",
        "{0}应写成 2024、2024-S1、2024-Q1、2024-01、2024-W05 或 2024-01-31，并与统计频度一致",
        further=("statistics/freq",),
    ),
    _rule(
        "S2",
        "region_period",
        "statistics/region_code statistics/time_period",
        "{0}应是{1}当年在用的行政区划代码",
        "0402",
    ),
    _rule(
        "S3",
        "one_unit",
        "statistics/indicator_code statistics/unit",
        "同一{0}只应有一种{1}",
        "0402",
        further=("statistics/comparison",),
    ),
    _rule(
        "S4",
        "sum_of_rows",
        f"{_OBSERVATION} statistics/breakdown",
        "总计应等于各分组之和（允许四舍五入之差）",
        certainty="proposal",
        further=(*_SERIES, "statistics/status"),
    ),
    _rule(
        "S5",
        "growth",
        f"{_OBSERVATION} statistics/comparison",
        "同比、环比应能由绝对值算出（允许四舍五入之差）",
        certainty="proposal",
        further=tuple(item for item in (*_SERIES[:2], _SERIES[4], "statistics/breakdown")),
    ),
)

SUM_OF_COLUMNS: Final = _rule(
    "S4", "sum_of_columns", VALUE, "{0}应等于其余各项之和（允许四舍五入之差）", certainty="proposal"
)


def box_for(items: tuple[Item, ...], extent: Extent) -> tuple[int, int, int, int] | None:
    """The entry's box, where a rule judges rows by it: its coordinates are degrees, in a geographic system or in none
    that is named.
    """
    if extent.crs and crs_code(extent.crs) not in _IN_DEGREES:
        return None
    needs_box = any(each.rule.needs_box for each in asked(items, has_box=True))
    return extent.box_mas if needs_box else None


def asked(items: tuple[Item, ...], *, has_box: bool) -> Iterator[Asked]:
    """The rules for an entry of these items; ``has_box`` that it declares a box in degrees.

    A key of the identity number alone says P6 already, and a data element L5; those are left out.
    """
    fields = _declared(items)
    keys = {item.field for item in items if item.is_key}
    checked = {item.field for item in items if item.data_element == "GB 11643"}
    for rule in BASE_RULES:
        if any(item not in fields for item in rule.items) or (rule.needs_box and not has_box):
            continue
        named = (*rule.items, *(item for item in rule.further if item in fields))
        columns = tuple(fields[item] for item in named)
        if rule.kind == "one_active" and keys == {columns[0]}:
            continue
        if rule.kind == "identity_of_type" and columns[0] in checked:
            continue
        yield Asked(rule, columns, tuple(item.partition("/")[2] for item in named))
    yield from _sum_of_columns(items)


def _declared(items: tuple[Item, ...]) -> dict[str, str]:
    """Standard item to field, of those that one item alone declares."""
    fields: dict[str, list[str]] = {}
    for item in items:
        if item.base_item:
            fields.setdefault(item.base_item, []).append(item.field)
    return {base_item: found[0] for base_item, found in fields.items() if len(found) == 1}


def _sum_of_columns(items: tuple[Item, ...]) -> Iterator[Asked]:
    """A table with a column a part: of several values in one unit, the one named 合计 or 总计 is the others' total.

    Nothing is asked where two are named so, for nobody can say which part belongs to which.
    """
    values = [item for item in items if item.base_item == VALUE]
    totals = [item for item in values if item.name.endswith(_TOTAL_NAMES)]
    if len(totals) != 1:
        return
    parts = [item for item in values if item is not totals[0]]
    if len(parts) < _MIN_PARTS or any(part.unit != totals[0].unit for part in parts):
        return
    columns = (totals[0].field, *(part.field for part in parts))
    yield Asked(SUM_OF_COLUMNS, columns, ("total", *("part" for _ in parts)))

"""Metadata quality score (元数据质量分): 0–100 for one entry, with every point explained and how to gain it.

Deterministic and about the description alone: whether the data are reachable and fresh are the rates' matter. A check
that does not apply (items of a folder of scans) is left out, and the rest is scaled to 100. The weights are this
project's own; no standard gives any.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from metadata.resource import Item, Resource
from standards.codes import table

FULL: Final = 100
ABSTRACT_LEAST, ABSTRACT_GOOD = 20, 50
KEYWORDS_GOOD = 3
TITLE_LEAST, TITLE_MOST = 4, 60

_SYSTEM_NAME = re.compile(r"(系统|平台|数据库|软件|APP|小程序)$", re.IGNORECASE)
_CODED = re.compile(r"(代码|类别|类型|性别|民族|状态|状况|种类|等级|编码|标志)$|_code$")
_STRUCTURED = frozenset({"电子表格", "数据库"})
_WITH_LENGTH = frozenset("CNY")


@dataclass(frozen=True)
class ScoredCheck:
    """One check: points got of those possible, why, and how to gain the rest (empty where nothing is left to gain)."""

    key: str
    name_zh: str
    got: int
    possible: int
    reason_zh: str
    gain_zh: str
    path: str


@dataclass(frozen=True)
class Score:
    """``total`` is what the applicable checks got, scaled to 100 and rounded down, so that 100 means all of it."""

    total: int
    checks: tuple[ScoredCheck, ...]

    @property
    def to_gain(self) -> tuple[ScoredCheck, ...]:
        """The checks with points left, the most to gain first."""
        left = (each for each in self.checks if each.got < each.possible)
        return tuple(sorted(left, key=lambda each: each.got - each.possible))


def score(resource: Resource) -> Score:
    """The score of one entry."""
    checks = tuple(made for check in _CHECKS for made in check(resource))
    possible = sum(each.possible for each in checks)
    return Score(sum(each.got for each in checks) * FULL // possible, checks)


def _share(key: str, name: str, path: str, possible: int, good: int, of: int, what: str, gain: str) -> ScoredCheck:
    """Points in proportion to how many of the items are as they should be."""
    got = possible * good // of
    words = f"{of} 个中有 {good} 个{what}"
    return ScoredCheck(key, name, got, possible, words, "" if good == of else gain, path)


def _steps(key: str, name: str, path: str, steps: Sequence[tuple[int, bool, str, str]]) -> ScoredCheck:
    """Points for each condition that holds; a step: points, whether it holds, what is wrong if not, how to mend it."""
    missed = [(wrong, gain) for _, holds, wrong, gain in steps if not holds]
    return ScoredCheck(
        key,
        name,
        sum(points for points, holds, _, _ in steps if holds),
        sum(points for points, _, _, _ in steps),
        "；".join(wrong for wrong, _ in missed) or "符合要求",
        "；".join(gain for _, gain in missed),
        path,
    )


def _title(resource: Resource) -> Iterator[ScoredCheck]:
    title = resource.title.strip()
    yield _steps(
        "title",
        "名称",
        "title",
        (
            (
                4,
                TITLE_LEAST <= len(title) <= TITLE_MOST,
                f"名称有 {len(title)} 个字",
                f"名称写 {TITLE_LEAST}–{TITLE_MOST} 个字",
            ),
            (4, not _SYSTEM_NAME.search(title), "名称像信息系统的名称", "写数据是什么，不写系统叫什么"),
        ),
    )


def _abstract(resource: Resource) -> Iterator[ScoredCheck]:
    abstract, title = resource.abstract.strip(), resource.title.strip()
    says_more = bool(abstract) and _plain(abstract) != _plain(title)
    count = len(abstract) if says_more else 0
    yield _steps(
        "abstract",
        "摘要",
        "abstract",
        (
            (6, says_more, "没有摘要" if not abstract else "摘要只是重复名称", "写明内容、范围、来源"),
            (5, count >= ABSTRACT_LEAST, f"摘要不足 {ABSTRACT_LEAST} 字", f"摘要写到 {ABSTRACT_LEAST} 字以上"),
            (4, count >= ABSTRACT_GOOD, f"摘要不足 {ABSTRACT_GOOD} 字", f"摘要写到 {ABSTRACT_GOOD} 字以上"),
        ),
    )


def _finding_words(resource: Resource) -> Iterator[ScoredCheck]:
    words = {_plain(word) for word in resource.keywords if word.strip()} - {_plain(resource.title)}
    yield _steps(
        "keywords",
        "关键字",
        "keywords",
        tuple(
            (
                points,
                len(words) >= number,
                f"不足 {number} 个" if number > 1 else "没有名称以外的关键字",
                f"写到 {number} 个",
            )
            for number, points in ((1, 3), (2, 2), (KEYWORDS_GOOD, 2))
        ),
    )
    themes = table("gbt21063-4-themes")
    named = [each for each in resource.categories if each.scheme == "主题分类"]
    yield _steps(
        "classification",
        "分类",
        "categories",
        (
            (4, bool(resource.categories), "没有分类", "至少选一个主题"),
            (3, any(themes.fix(each.name) for each in named), "没有主题分类表中的主题", "从主题分类表中选"),
            (3, bool(resource.data_grade.strip()), "没有分类分级", "填写数据分类分级"),
        ),
    )


def _party(resource: Resource) -> Iterator[ScoredCheck]:
    yield _steps(
        "party",
        "提供与维护",
        "provider",
        (
            (3, bool(resource.provider.code), "没有提供部门代码", "由信息办确认提供部门的统一社会信用代码"),
            (
                2,
                resource.maintainer is not None or bool(resource.provider.division.strip()),
                "没有写维护方或内部部门",
                "写明谁维护",
            ),
        ),
    )


def _content(resource: Resource) -> Iterator[ScoredCheck]:
    yield _steps(
        "format",
        "格式与周期",
        "formats",
        (
            (3, any(each.category or each.types for each in resource.formats), "没有数据格式", "填写格式分类和类型"),
            (3, resource.update_cycle is not None, "没有更新周期", "选定更新周期"),
        ),
    )
    is_structured = any(each.category in _STRUCTURED for each in resource.formats) or any(
        mount.kind == "table" for mount in resource.mounts
    )
    items = resource.items
    if not items:
        if is_structured:
            wrong, gain = "没有数据项", "逐项列出数据项"
            yield ScoredCheck("items", "数据项", 0, 35, wrong, gain, "items")
        return
    yield from _items(items)


def _items(items: tuple[Item, ...]) -> Iterator[ScoredCheck]:
    has_key = any(each.is_key for each in items)
    yield _steps("items", "数据项", "items", ((5, True, "", ""), (4, has_key, "没有标出主键", "标出主键项")))
    sized = [each for each in items if each.type_code in _WITH_LENGTH]
    if sized:
        good = sum(each.length is not None for each in sized)
        gain = "补写字符型和数值型数据项的长度"
        yield _share("lengths", "类型与长度", "items", 8, good, len(sized), "写了长度", gain)
    good = sum(bool(_says_what(each)) for each in items)
    gain = "补写说明，或对应到基础库标准项、数据元"
    yield _share("item_descriptions", "数据项说明", "items", 10, good, len(items), "有说明或对应标准", gain)
    coded = [each for each in items if _CODED.search(each.name) or _CODED.search(each.field.lower())]
    if coded:
        good = sum(bool(each.code_table or each.data_element or each.base_item) for each in coded)
        gain = "给代码类数据项写明代码表、数据元或基础库标准项"
        yield _share("code_tables", "代码表", "items", 8, good, len(coded), "写明了代码依据", gain)


def _says_what(item: Item) -> bool:
    described = item.description.strip()
    return bool(described and described != item.name) or bool(item.base_item or item.data_element or item.code_table)


def _sharing(resource: Resource) -> Iterator[ScoredCheck]:
    sharing = resource.sharing
    said = {
        None: False,
        "unconditional": bool(sharing.conditions.strip()),
        "conditional": bool(sharing.scope.strip() and any(each.strip() for each in sharing.purposes)),
        "none": bool(sharing.legal_basis),
    }[sharing.share_type]
    how = {
        None: "先定共享类型",
        "unconditional": "写明使用条件，如工作参考、数据校核",
        "conditional": "写明共享范围和使用用途",
        "none": "写明法律、行政法规或国务院决定的依据",
    }[sharing.share_type]
    yield _steps(
        "sharing",
        "共享与开放",
        "sharing",
        (
            (4, sharing.share_type is not None, "没有共享类型", "选定共享类型"),
            (4, said, "共享的条件或依据没有写明", how),
            (2, resource.openness.is_open is not None, "没有写是否向社会开放", "写明是否向社会开放"),
        ),
    )


def _extent(resource: Resource) -> Iterator[ScoredCheck]:
    extent = resource.extent
    period = (3, extent.begins_on is not None, "没有时间范围", "写明数据从哪天开始")
    if resource.library == "geospatial":
        yield _steps(
            "extent",
            "空间与时间范围",
            "extent",
            (
                period,
                (2, bool(extent.region_code), "没有区划代码", "填写区划代码"),
                (3, extent.box_mas is not None, "没有西、南、东、北边界", "填写四至边界，便于按图检索"),
                (2, bool(extent.crs), "没有坐标系", "填写坐标系，如 EPSG:4490"),
                (2, extent.scale is not None, "没有比例尺", "填写比例尺"),
            ),
        )
    else:
        region = (3, bool(extent.region_code), "没有区划代码", "填写数据所涉地区的区划代码")
        yield _steps("extent", "空间与时间范围", "extent", (period, region))


def _plain(text: str) -> str:
    """Without the marks and spaces that only look like a difference."""
    return re.sub(r"[\W_]+", "", text).casefold()


_CHECKS: Final[tuple[Callable[[Resource], Iterator[ScoredCheck]], ...]] = (
    _title,
    _abstract,
    _finding_words,
    _party,
    _content,
    _sharing,
    _extent,
)

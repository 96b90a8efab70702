"""A check as a workbook: one row a field and what was found for it."""

from collections.abc import Iterable
from typing import Final

from directory.clock.deadlines import day_of
from directory.collection_check.views import CheckView, FieldFound, Holding
from directory.lists.workbook import Value, write

TITLE: Final = "不重复采集核查"
_COLUMNS: Final = (
    "采集项",
    "字段名",
    "结论",
    "怎么办",
    "已有目录",
    "提供部门",
    "数据项",
    "取得方式",
    "数源部门",
    "把握（60–100）",
    "判断依据",
    "其他可能来源",
)


def exported(check: CheckView) -> bytes:
    """The report on one form."""
    notes = (
        f"{check.org_name}《{check.title}》，{day_of(check.made_at)} 核查",
        f"共 {check.field_count} 项，{check.held_count} 项不必采集",
        "可通过共享取得的数据不得重复收集（政务数据共享条例第十九条）。只比对已发布的目录；结论是核查当时的。",
    )
    return write(TITLE, _COLUMNS, map(_row, check.fields), notes)


def _row(field: FieldFound) -> list[Value]:
    best = field.best
    found: Iterable[Value] = _found(best) if best else [None] * 7
    others = "；".join(f"{each.org_name}“{each.title}”的{each.item_name}" for each in field.others)
    return [field.name, field.field, field.verdict_name, field.advice, *found, others]


def _found(best: Holding) -> list[Value]:
    lead = best.lead_name + ("（即该部门）" if best.is_lead and best.lead_name else "")
    return [best.title, best.org_name, best.item_name, best.how, lead or "未定", best.score, best.reason]

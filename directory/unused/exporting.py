"""The report of what is not put to use as a file."""

from collections.abc import Iterator

from directory.clock.words import stamp_words
from directory.lists.workbook import Value
from directory.unused.queries import Unused
from directory.uses.exporting import sheet_file
from directory.web.labels import BATCH_STATES, FREQUENCIES

COLUMNS = (
    "申请编号",
    "目录",
    "提供部门",
    "需求部门",
    "状态",
    "频次",
    "会签",
    "送达批次",
    "最近送达",
    "结论",
    "最近一批",
    "节点最近联系",
    "使用记录",
    "记录说明没有用到的数据项",
)


def write(report: Unused, file_format: str) -> tuple[bytes, str]:
    """The file and its media type."""
    return sheet_file("没有用起来的授权", COLUMNS, list(_lines(report)), file_format)


def _lines(report: Unused) -> Iterator[tuple[Value, ...]]:
    for each in report.items:
        at = each.stands_at
        yield (
            str(each.request_id),
            each.resource_title,
            each.provider_name,
            each.requester_name,
            each.state_name,
            FREQUENCIES[each.frequency],
            each.bound_on,
            each.delivered_count,
            each.last_on,
            each.verdict_name,
            f"第 {at.seq} 批 {BATCH_STATES[at.state]} {at.code}".strip() if at else "没有报告",
            stamp_words(each.heard_at) if each.heard_at else "从未",
            each.record_count,
            "、".join(item.name for item in each.unused_items),
        )

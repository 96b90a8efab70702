"""What is counted of a department in a month, in words. Pure; said beside the numbers wherever they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Final, Literal

from directory.clock.deadlines import SHANGHAI

Side = Literal["catalogue", "provider", "requester"]
SIDES: Final[Mapping[Side, str]] = MappingProxyType(
    {"catalogue": "编目与挂接", "provider": "作为提供部门", "requester": "作为需求部门"}
)


@dataclass(frozen=True)
class Definition:
    """A number. ``is_stock``: as it stood at the end of the month; else what happened in the month."""

    label: str
    words: str
    side: Side
    is_stock: bool = False


NUMBERS: Final[Mapping[str, Definition]] = MappingProxyType(
    {
        "catalogued": Definition(
            "已编目", "月末存在的目录，草稿在内，已撤销、已放弃的不计", "catalogue", is_stock=True
        ),
        "published": Definition("已发布", "月末可见的已发布目录，暂停、撤销的不计", "catalogue", is_stock=True),
        "shareable": Definition("应挂接", "月末已发布、无条件或有条件共享的目录", "catalogue", is_stock=True),
        "mounted": Definition("已挂接", "应挂接的目录中，已发布的那一版写有挂接资源的", "catalogue", is_stock=True),
        "first_published": Definition("新发布", "当月第一次发布的目录", "catalogue"),
        "received": Definition("收到申请", "当月第一次提交到本部门的申请；补正后再提交的不重复计", "provider"),
        "answered_in_time": Definition(
            "按时答复", "当月作出的答复（同意或不同意），答复之日不晚于期限（第二十一条，含经同意的延期）", "provider"
        ),
        "answered_late": Definition("超期答复", "当月作出的答复，答复之日晚于期限；情形 P4（第三十九条）", "provider"),
        "unanswered": Definition(
            "逾期未答复",
            "月末（未完的月，到现在）期限已过、仍未答复的申请；情形 P4（第三十九条）",
            "provider",
            is_stock=True,
        ),
        "provided_in_time": Definition("按时提供", "当月提供的数据，提供之日不晚于期限（第二十二条）", "provider"),
        "provided_late": Definition("超期提供", "当月提供的数据，提供之日晚于期限；情形 P4（第三十九条）", "provider"),
        "unprovided": Definition(
            "逾期未提供",
            "月末（未完的月，到现在）期限已过、仍未提供的；情形 P4（第三十九条）",
            "provider",
            is_stock=True,
        ),
        "returned_in_time": Definition(
            "按时回流", "当月办完的回流期限（答复和提供），不晚于期限（第二十四条）；不再计入答复和提供", "provider"
        ),
        "returned_late": Definition(
            "超期回流", "当月办完的回流期限（答复和提供），晚于期限；情形 P5（第三十九条）", "provider"
        ),
        "unreturned": Definition(
            "逾期未回流",
            "月末（未完的月，到现在）期限已过、仍未答复或提供的回流；情形 P5（第三十九条）",
            "provider",
            is_stock=True,
        ),
        "refused": Definition("不同意", "当月作出的不同意答复，信息办作出的也计在提供部门", "provider"),
        "delivered": Definition("交付批次", "当月需求方节点确认入库的批次，每批计一次", "provider"),
        "corrections_in_time": Definition("按时答复校核", "当月答复的校核申请，不晚于期限（第二十六条）", "provider"),
        "corrections_late": Definition(
            "超期答复校核", "当月答复的校核申请，晚于期限；情形 P6（第三十九条）", "provider"
        ),
        "asked": Definition("提出申请", "当月第一次提交的本部门申请", "requester"),
        "taken_up": Definition("开始使用", "当月第一次有数据入库的本部门申请", "requester"),
        "arrived": Definition("收到批次", "当月本部门节点确认入库的批次，每批计一次", "requester"),
        "use_recorded": Definition("使用记录", "当月登记的使用情况记录（第二十九条），更正的不重复计", "requester"),
    }
)
"""By the name that the API and the table use, in the order they are shown."""
RATES: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = MappingProxyType(
    {
        "mount_rate": ("挂接率", "已挂接 ÷ 应挂接", ("mounted", "shareable")),
        "answer_rate": (
            "按时答复率",
            "按时答复 ÷（按时答复 + 超期答复 + 逾期未答复）",
            ("answered_in_time", "answered_late", "unanswered"),
        ),
    }
)
STOCKS: Final = tuple(name for name, each in NUMBERS.items() if each.is_stock)
FLOWS: Final = tuple(name for name, each in NUMBERS.items() if not each.is_stock)
NOBODY: Final = dict.fromkeys(NUMBERS, 0)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month of Shanghai."""

    year: int
    number: int

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def following(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def begins_at(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), SHANGHAI).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return self.following.begins_at

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)


def rate(numbers: Mapping[str, int], name: str) -> float | None:
    """A rate in percent, one decimal; none where nothing is counted."""
    part, *others = RATES[name][2]
    whole = sum(numbers[each] for each in others) + (0 if name == "mount_rate" else numbers[part])
    return round(100 * numbers[part] / whole, 1) if whole else None


def together(months: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    """Several months of one department: what happened added up, what stood as at the last; nothing of no month."""
    if not months:
        return NOBODY
    flows = {name: sum(each.get(name, 0) for each in months) for name in FLOWS}
    return NOBODY | flows | {name: months[-1].get(name, 0) for name in STOCKS}

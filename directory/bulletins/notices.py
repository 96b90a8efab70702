"""What each department's 共享工作机构负责人 is told of a day's bulletin: one notice a day, however many entries."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "bulletin:day": Kind(
        subject="",
        link="/bulletins/{day}",
        zh="{day} 目录通告：新发布 {published} 条、变更 {changed} 条、撤销 {withdrawn} 条、暂停或恢复 {paused} 条",
        en="catalogue of {day}: {published} published, {changed} changed, {withdrawn} withdrawn,"
        " {paused} suspended or resumed",
    ),
}

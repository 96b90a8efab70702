"""``hutong rates``: 挂接率, 有效挂接率 and 及时更新率, and which entries drag them down."""

from typing import Annotated

import typer

from directory.rates import api
from directory.rates.measure import SETS
from hutong.acting import AsJson, AsReader, looking
from hutong.console import emit, say, tell

_LISTS = "；".join(f"{name} {label}" for name, (label, _) in SETS.items())


def command(
    org: Annotated[str, typer.Argument(metavar="部门", help="统一社会信用代码，或 all；不写则列出各部门。")] = "",
    show: Annotated[str, typer.Option(help=f"列出哪些目录：{_LISTS}。")] = "dragging",
    start: Annotated[int, typer.Option(min=0, max=10_000_000, help="略过前几条。")] = 0,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """各部门的挂接率、有效挂接率、及时更新率和元数据质量；写明部门则列出拖累指标的目录和怎么办。"""
    with looking(as_user) as work:
        if not org:
            every = api.show_rates(work.session, work.actor)
        else:
            one = api.show_department(org, work.session, work.actor, show, start)
    if as_json:
        emit((one if org else every).model_dump(mode="json"))
        return
    if not org:
        say("部门\t已发布\t挂接率\t有效挂接率\t及时更新率\t质量分")
        for each in every.departments:
            say(f"{each.name}\t{each.published}\t{_numbers(each.rates)}\t{_score(each.score)}")
        say(f"合计\t{sum(each.published for each in every.departments)}\t{_numbers(every.together)}")
        return
    say(f"{one.name}\t已发布 {one.published}\t{_numbers(one.rates)}\t质量分 {_score(one.score)}")
    for entry in one.entries:
        say(f"{entry.id}\t{entry.title}")
        for reason in entry.reasons:
            say(f"  {reason.zh}{reason.detail and '：' + reason.detail}；{reason.next_step}")
    if start + len(one.entries) < one.total:
        tell(f"共 {one.total} 条；往下：--start {start + len(one.entries)}")


def _numbers(rates: api.Numbers) -> str:
    return "\t".join(
        "–" if each is None else f"{each:.1f}%" for each in (rates.mount_rate, rates.effective_rate, rates.timely_rate)
    )


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.1f}"

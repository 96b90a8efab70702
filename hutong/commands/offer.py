"""``hutong offer``: row filters that may be asked for, and caps that an entry publishes."""

from enum import StrEnum
from typing import Annotated, cast
from uuid import UUID

import typer

from directory.offers import declare as verbs
from directory.offers.views import OffersView, offers_view
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say, tell
from metadata.row_filters import Template

app = typer.Typer(help="可选的筛选：申请只能从中选行范围；上限须目录公布。")

Entry = Annotated[str, typer.Argument(metavar="目录", help="目录的标识符、代码或编号。")]


class Kind(StrEnum):
    """A template, or regions within the requester's own."""

    REGION = "region"
    OWN = "own"
    EQUALS = "equals"
    SINCE = "since"


class Often(StrEnum):
    """How often at most."""

    ONCE = "once"
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    DAILY = "daily"


@app.command("list")
def list_offers(entry: Entry, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出一条目录可选的筛选和上限。"""
    with looking(as_user) as work:
        shown = offers_view(work.session, work.actor, entry)
    _show(shown, as_json)


@app.command("declare")
def declare_filter(
    entry: Entry,
    field: Annotated[str, typer.Argument(metavar="字段", help="数据项的字段名。")],
    kind: Annotated[
        Kind,
        typer.Argument(metavar="方式", help="region 按行政区划；own 限申请部门地区；equals 按取值；since 自某日起。"),
    ],
    as_user: AsPerson,
    choices: Annotated[list[str] | None, typer.Option("--choice", help="可选的取值，可多次；不给则不限。")] = None,
    as_json: AsJson = False,
) -> None:
    """设一种筛选：以后的申请只能从所设的筛选中选，或申请全部行。"""
    is_own = kind is Kind.OWN
    template = cast("Template", "region" if is_own else kind.value)
    with acting(as_user) as work:
        verbs.declare(work.session, work.actor, entry, field, template, choices or [], work.now, is_own_region=is_own)
        shown = offers_view(work.session, work.actor, entry)
    _show(shown, as_json)


@app.command()
def withdraw(
    offer: Annotated[UUID, typer.Argument(metavar="筛选编号", help="hutong offer list 所列的编号。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """撤下一种筛选；已经授权的不变。"""
    with acting(as_user) as work:
        made = verbs.withdraw(work.session, work.actor, offer, work.now)
        shown = offers_view(work.session, work.actor, str(made.resource_id))
    _show(shown, as_json)


@app.command()
def cap(
    entry: Entry,
    as_user: AsPerson,
    often: Annotated[Often | None, typer.Option("--often", help="最高频次；不给则没有上限。")] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, max=36500, help="使用时限最长几天。")] = None,
    rows: Annotated[int | None, typer.Option("--rows", min=1, max=verbs.MOST_COUNTED, help="一批最多几行。")] = None,
    calls: Annotated[int | None, typer.Option("--calls", min=1, max=verbs.MOST_COUNTED, help="每天最多几次。")] = None,
    as_json: AsJson = False,
) -> None:
    """信息办登记目录公布的上限；都不给则取消。"""
    with acting(as_user) as work:
        caps = verbs.Caps(often.value if often else None, days, rows, calls)
        verbs.set_cap(work.session, work.actor, entry, caps, work.now)
        shown = offers_view(work.session, work.actor, entry)
    _show(shown, as_json)


def _show(shown: OffersView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    for each in shown.filters:
        bound = f"限 {each.region}" if each.is_own_region else "、".join(each.choices) or "不限"
        say(f"{each.id}\t{each.item}\t{each.template_name}\t{bound}")
    if not shown.filters:
        tell("没有限定：可按各数据项的类型筛选")
    if shown.most_often or shown.most_days or shown.most_rows or shown.most_calls:
        counted = f"{shown.most_rows or '–'} 行一批\t{shown.most_calls or '–'} 次一天"
        say(f"上限\t{shown.most_often or '–'}\t{shown.most_days or '–'} 天\t{counted}")

"""``hutong rating``: ratings of resources by the departments that used them."""

from typing import Annotated
from uuid import UUID

import typer

from directory.ratings import api, rate
from directory.ratings.queries import MARKS, Ratings, rating, ratings_of
from directory.ratings.said import NewRating
from directory.ratings.states import ACT_NAMES, Act
from directory.resources.models import ResourceEntry
from directory.resources.queries import find
from hutong.acting import AsJson, AsPerson, AsReader, Ref, Work, acting, body, entry_ref, looking
from hutong.console import emit, say, tell
from hutong.errors import HutongError

app = typer.Typer(help="使用评价：按授权评价，提供部门回应，信息办处理不当文字；只列件数，不算平均。")

Request = Annotated[UUID, typer.Argument(metavar="申请编号", help="本部门收到过数据的申请。")]
Mark = Annotated[int, typer.Argument(metavar="分", min=1, max=5)]
NOTES = tuple(act for act in Act if act is not Act.RATED)


@app.command()
def show(entry: Ref, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一条目录的评价：每个分数几件，各部门怎么说。"""
    with looking(as_user) as work:
        found = ratings_of(work.session, work.actor, find(work.session, work.actor, entry_ref(work.session, entry)))
    _show(found, as_json)


@app.command()
def give(
    request: Request,
    quality: Mark,
    timeliness: Mark,
    usefulness: Mark,
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--words", "-m", help="说明。")] = "",
    as_json: AsJson = False,
) -> None:
    """评价或修改评价：数据质量、更新及时、有用程度各 1 至 5 分；以前的留存。"""
    given = body(NewRating, quality=quality, timeliness=timeliness, usefulness=usefulness, words=words)
    with acting(as_user) as work:
        rate.give(work.session, work.actor, request, given, work.now)
        found = _of(work, request)
    _show(found, as_json)


@app.command()
def note(
    act: Annotated[
        str, typer.Argument(metavar="步骤", help="；".join(f"{each.value} {ACT_NAMES[each]}" for each in NOTES))
    ],
    request: Request,
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--words", "-m", help="回应，或隐去、恢复的理由。")] = "",
    as_json: AsJson = False,
) -> None:
    """回应评价；信息办隐去或恢复文字，评分照计。"""
    if act not in NOTES:
        raise HutongError("ARGUMENT_BAD", what=f"步骤（{'、'.join(NOTES)}）", what_en=f"the step ({', '.join(NOTES)})")
    said = body(api.NewNote, act=act, words=words)
    with acting(as_user) as work:
        rate.note(work.session, work.actor, request, Act(said.act), said.words, work.now)
        found = _of(work, request)
    _show(found, as_json)


def _of(work: Work, request: UUID) -> Ratings:
    row = rating(work.session, work.actor, request)
    return ratings_of(work.session, work.actor, work.session.get_one(ResourceEntry, row.resource_id))


def _show(found: Ratings, as_json: bool) -> None:
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.aspects:
        counted = "　".join(f"{mark} 分 {number}" for mark, number in zip(MARKS, each.counts, strict=True) if number)
        say(f"{each.name}\t{counted or '–'}")
    for one in found.ratings:
        say(f"  {one.org_name}\t{one.now.quality}/{one.now.timeliness}/{one.now.usefulness}\t{one.now.words}".rstrip())
        for said in one.notes:
            say(f"    {said.organisation}\t{ACT_NAMES[said.act]}\t{said.words}")
    if not found.ratings:
        tell("还没有评价")

"""``hutong consent``: standing consents to every request for an unconditional entry."""

from typing import Annotated
from uuid import UUID

import typer

from directory.access import api_consents, consents
from directory.access.consents import Consent
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say, say_list

app = typer.Typer(help="常设同意：无条件共享的目录，一次签署，以后的申请受理后当即答复。")


@app.command("list")
def list_consents(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出常设同意，有效的在前，撤回的也列出。"""
    with looking(as_user) as work:
        found = api_consents.browse(work.session, work.actor)
    say_list("consents", found, as_json, _line, nothing="没有常设同意")


@app.command()
def sign(
    entry: Annotated[str, typer.Argument(metavar="目录", help="目录的标识符、代码或编号。")],
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--comment", "-m", help="同意的内容，答复里原样引用。")] = "",
    backflow: Annotated[
        bool, typer.Option("--backflow", help="同意下级部门回流本地区的数据（条例第 24 条），有条件共享的目录也可以。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """签署一份：只对目录的现行版本有效，改版后须重新签署。"""
    with acting(as_user) as work:
        made = consents.sign(work.session, work.actor, entry, words, work.now, is_backflow=backflow)
        shown = consents.shown(work.session, made)
    _show(shown, as_json)


@app.command()
def revoke(
    consent: Annotated[UUID, typer.Argument(metavar="编号", help="hutong consent list 所列的编号。")],
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--comment", "-m", help="撤回的理由。")] = "",
    as_json: AsJson = False,
) -> None:
    """撤回一份：以后的申请逐件答复，已经同意的不变。"""
    with acting(as_user) as work:
        shown = consents.shown(work.session, consents.revoke(work.session, work.actor, consent, words, work.now))
    _show(shown, as_json)


def _show(shown: Consent, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
    else:
        say(_line(shown))


def _line(each: Consent) -> str:
    state = "已撤回" if each.revoked_at else "有效" if each.is_current else "目录有了新版，须重新签署"
    kind = "回流" if each.is_backflow else "无条件共享"
    what = f"{each.resource_title}（第 {each.resource_version} 版）"
    return f"{each.id}\t{what}\t{kind}\t{state}\t{each.signer_name}：{each.words}"

"""``hutong token``: access tokens for programs."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.actions import Action
from directory.tokens import queries
from directory.tokens.make import READING, allowed_scope
from directory.tokens.make import make as make_token
from directory.tokens.make import revoke as revoke_token
from directory.tokens.queries import Token
from hutong.acting import AsJson, AsPerson, acting
from hutong.console import emit, say, say_list
from hutong.files import write_secret

app = typer.Typer(help="访问令牌：让程序以本人名义调用接口，范围和期限都有限。")


@app.command("list")
def list_tokens(as_user: AsPerson, as_json: AsJson = False) -> None:
    """列出本人的令牌，新的在前。"""
    with acting(as_user) as work:
        found = queries.tokens(work.session, work.actor, work.now)
    say_list("tokens", found, as_json, _line, nothing="没有访问令牌")


@app.command()
def make(
    name: Annotated[str, typer.Argument(metavar="用途", help="给哪个程序用。")],
    as_user: AsPerson,
    scope: Annotated[
        list[Action] | None,
        typer.Option(metavar="事项", help="可做的事，如 resource:read，可多次给出；写错一个即列出全部。不写则只读。"),
    ] = None,
    days: Annotated[int, typer.Option(help="有效天数。")] = 90,
    token_file: Annotated[Path, typer.Option(help="令牌写入的新文件（权限 0600）。")] = Path("hutong.token"),
    as_json: AsJson = False,
) -> None:
    """生成一个，写入只有您能读的文件。"""
    with acting(as_user) as work:
        wanted = frozenset(scope or READING & allowed_scope(work.actor))
        made = make_token(work.session, work.actor, name, wanted, days, work.now)
        shown = queries.shown(made.row, work.now)
        write_secret(token_file, made.token + "\n")  # before the commit: a token that is lost is of no use
    if as_json:
        emit({"token_file": token_file, "made": shown.model_dump(mode="json")})
    else:
        say(f"{shown.id}\t令牌在 {token_file}")


@app.command()
def revoke(
    token: Annotated[UUID, typer.Argument(metavar="编号", help="hutong token list 所列的编号。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """撤销一个，立即失效。"""
    with acting(as_user) as work:
        revoke_token(work.session, work.actor, token, work.now)
    if as_json:
        emit({"revoked": str(token)})
    else:
        say("已撤销")


def _line(each: Token) -> str:
    state = "已撤销" if each.revoked_at else "有效" if each.is_live else "已过期"
    return f"{each.id}\t{each.name}\t{len(each.scope)} 项\t{state}\t{each.expires_at:%Y-%m-%d}"

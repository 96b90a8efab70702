"""``hutong user``: people."""

from pathlib import Path
from typing import Annotated

import typer

from directory.accounts.queries import account_lines
from directory.accounts.register import add_account, new_password
from directory.policy import ROLE_NAMES, Role
from hutong.console import emit, say, tell
from hutong.directory_access import open_directory
from hutong.files import write_secret

app = typer.Typer(help="人员账号。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def add(
    username: Annotated[str, typer.Argument(help="用户名：小写字母、数字和 . _ -，以字母开头。")],
    org: Annotated[str, typer.Option(help="所在部门的统一社会信用代码。")],
    name: Annotated[str, typer.Option(help="姓名；缺省与用户名相同。")] = "",
    role: Annotated[list[Role] | None, typer.Option(help="角色，可多次给出。")] = None,
    password_file: Annotated[Path | None, typer.Option(help="初始密码写入的新文件（权限 0600）。")] = None,
    as_json: AsJson = False,
) -> None:
    """添加账号；初始密码随机生成，写入只有您能读的文件。"""
    password = new_password()
    place = password_file or Path(f"{username}.password")
    with open_directory() as opened, opened.sessions.begin() as session:
        add_account(
            session,
            username=username,
            display_name=name or username,
            org_code=org,
            password=password,
            roles=role or [],
        )
        write_secret(place, password + "\n")  # before the commit: an account whose password is lost is of no use
    if as_json:
        emit({"username": username, "password_file": place})
    else:
        say(f"已添加 {username}，初始密码在 {place}")


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """列出全部账号。"""
    with open_directory() as opened, opened.sessions() as session:
        lines = account_lines(session)
    if as_json:
        emit({"users": [vars(line) for line in lines]})
        return
    for line in lines:
        roles = "、".join(ROLE_NAMES[Role(role)] for role in line.roles) or "无角色"
        state = "" if line.is_active else "（已停用）"
        say(f"{line.username}\t{line.display_name}\t{line.org_name or '–'}\t{roles}{state}")
    if not lines:
        tell("还没有账号；用 hutong user add 添加")

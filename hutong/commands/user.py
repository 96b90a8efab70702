"""``hutong user``: people. The installation makes the first accounts; afterwards each administrator does their part."""

from pathlib import Path
from typing import Annotated

import typer

from directory.accounts.queries import AccountLine, account_lines
from directory.accounts.register import SERVICE_USERNAME, add_account, new_password
from directory.errors import DirectoryError
from directory.people import queries, roles, standing
from directory.people.password import change_password
from directory.people.queries import Someone
from directory.roles import ROLE_NAMES, Role
from directory.supervision.undecided import undecided
from hutong.acting import AsPerson, Work, acting, ask_new_password, looking
from hutong.console import emit, say, tell
from hutong.directory_access import open_directory
from hutong.files import write_secret

app = typer.Typer(help="人员账号。")

Username = Annotated[str, typer.Argument(metavar="用户名", help="hutong user list 所列的用户名。")]
RoleArgument = Annotated[Role, typer.Argument(metavar="角色")]
PasswordFile = Annotated[Path | None, typer.Option(help="一次性密码写入的新文件（权限 0600）。")]
AsOnlooker = Annotated[
    str,
    typer.Option(
        "--as",
        envvar="HUTONG_AS",
        metavar="用户名",
        help="以谁的身份查看：只见其看得到的人；不写则是本机的安装人员，看得到全部。",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def add(
    username: Annotated[str, typer.Argument(metavar="用户名", help="用户名：小写字母、数字和 . _ -，以字母开头。")],
    org: Annotated[str, typer.Option(help="所在部门的统一社会信用代码。")],
    name: Annotated[str, typer.Option(help="姓名；缺省与用户名相同。")] = "",
    role: Annotated[list[Role] | None, typer.Option(help="角色，可多次给出。")] = None,
    password_file: Annotated[Path | None, typer.Option(help="初始密码写入的新文件（权限 0600）。")] = None,
    as_json: AsJson = False,
) -> None:
    """安装时添加账号和角色；初始密码随机生成，写入只有您能读的文件。

    由本机的安装人员办理（记作 cli），不以某个人的身份：之后由系统管理员用 open 开账号，安全管理员用 give-role 授角色。
    """
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
def list_users(as_user: AsOnlooker = "", as_json: AsJson = False) -> None:
    """列出账号。"""
    with looking(as_user) as work:
        found = _seen_by(work) if as_user else account_lines(work.session)
    lines = [line for line in found if line.username != SERVICE_USERNAME]  # the command line itself is nobody
    if as_json:
        emit({"users": [vars(line) for line in lines]})
        return
    for line in lines:
        roles = "、".join(ROLE_NAMES[Role(role)] for role in line.roles) or "无角色"
        state = "" if line.is_active else "（已停用）"
        say(f"{line.username}\t{line.display_name}\t{line.org_name or '–'}\t{roles}{state}")
    if not lines:
        tell("还没有账号；用 hutong user add 添加")


@app.command("open")
def open_account(
    username: Annotated[str, typer.Argument(metavar="用户名", help="用户名：小写字母、数字和 . _ -，以字母开头。")],
    org: Annotated[str, typer.Option(help="所在部门的统一社会信用代码。")],
    name: Annotated[str, typer.Option(help="姓名。")],
    as_user: AsPerson,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """系统管理员开账号：没有角色，一次性密码写入文件，本人首次登录须改掉。"""
    with acting(as_user) as work:
        made = standing.open_account(
            work.session, work.actor, username=username, display_name=name, org_code=org, now=work.now
        )
        _keep(work, made, password_file, as_json)


@app.command()
def close(username: Username, as_user: AsPerson, as_json: AsJson = False) -> None:
    """系统管理员停用离岗人员的账号：会话、令牌、角色、代理一并结束。"""
    with acting(as_user) as work:
        standing.close(work.session, work.actor, username, work.now)
        _show(work, username, as_json)
        stuck = undecided(work.session, work.actor)
    for each in stuck:
        lacks = "还需另一位" if each.needs_another else "没有"
        tell(f"{each.org_name}{lacks}{each.role_name}：{each.count} 件（{each.state_name}）无人可办")


@app.command()
def reopen(username: Username, as_user: AsPerson, password_file: PasswordFile = None, as_json: AsJson = False) -> None:
    """系统管理员恢复回岗人员的账号；原来的角色不恢复。"""
    with acting(as_user) as work:
        _keep(work, standing.reopen(work.session, work.actor, username, work.now), password_file, as_json)


@app.command("reset-password")
def reset_password(
    username: Username, as_user: AsPerson, password_file: PasswordFile = None, as_json: AsJson = False
) -> None:
    """系统管理员为忘记密码的人换一次性密码。"""
    with acting(as_user) as work:
        _keep(work, standing.reset_password(work.session, work.actor, username, work.now), password_file, as_json)


@app.command("give-role")
def give_role(username: Username, role: RoleArgument, as_user: AsPerson, as_json: AsJson = False) -> None:
    """安全管理员授予角色，不能授给自己。"""
    with acting(as_user) as work:
        roles.give_role(work.session, work.actor, username, role, work.now)
        _show(work, username, as_json)


@app.command("take-role")
def take_role(username: Username, role: RoleArgument, as_user: AsPerson, as_json: AsJson = False) -> None:
    """安全管理员收回角色；本人以此角色作的授权代理随即结束。"""
    with acting(as_user) as work:
        roles.take_role(work.session, work.actor, username, role, work.now)
        _show(work, username, as_json)


@app.command()
def unlock(username: Username, as_user: AsPerson, as_json: AsJson = False) -> None:
    """安全管理员解除登录锁定。"""
    with acting(as_user) as work:
        roles.unlock(work.session, work.actor, username, work.now)
        _show(work, username, as_json)


@app.command()
def password(as_user: AsPerson) -> None:
    """本人修改密码；本人在别处的登录随即失效。"""
    with acting(as_user, changes_password=True) as work:
        refused = change_password(
            work.session, work.actor, current=work.password, new=ask_new_password(), keep_token="", now=work.now
        )
    if isinstance(refused, DirectoryError):
        raise refused
    say("密码已修改")


def _seen_by(work: Work) -> list[AccountLine]:
    """The people that this one sees, page by page."""
    found: list[AccountLine] = []
    after: str | None = ""
    while after is not None:
        page = queries.people(work.session, work.actor, work.now, after=after)
        found += [
            AccountLine(each.username, each.display_name, each.org_name, each.roles, each.is_active)
            for each in page.items
        ]
        after = page.next
    return found


def _keep(work: Work, made: standing.Opened, password_file: Path | None, as_json: bool) -> None:
    """Written before the commit: an account whose password is lost is of no use."""
    place = password_file or Path(f"{made.account.username}.password")
    write_secret(place, made.one_time_password + "\n")
    if as_json:
        emit({"username": made.account.username, "password_file": place})
    else:
        say(f"{made.account.username} 的一次性密码在 {place}，{standing.ONE_TIME_DAYS} 天内有效")


def _show(work: Work, username: str, as_json: bool) -> None:
    person: Someone = queries.person(work.session, work.actor, username, work.now)
    if as_json:
        emit(person.model_dump(mode="json"))
        return
    state = "已停用" if not person.is_active else "登录已锁定" if person.is_locked else "在用"
    names = "、".join(person.role_names) or "无角色"
    say(f"{person.username}\t{person.display_name}\t{person.org_name}\t{names}\t{state}")

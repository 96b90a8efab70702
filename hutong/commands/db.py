"""``hutong db``: the embedded PostgreSQL."""

from typing import Annotated

import typer

from hutong.console import emit, say
from hutong.errors import HutongError
from hutong.home import open_home
from hutong.postgres import Cluster

app = typer.Typer(help="内嵌的 PostgreSQL 数据库。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def start(as_json: AsJson = False) -> None:
    """启动，直到 hutong db stop 为止一直运行。"""
    cluster = Cluster(open_home())
    is_new = cluster.start()
    cluster.keep(True)
    if as_json:
        emit({"is_running": True, "was_running": not is_new, "place": cluster.place})
    else:
        say(f"PostgreSQL {'已启动' if is_new else '本来就在运行'}：{cluster.place}")


@app.command()
def stop(as_json: AsJson = False) -> None:
    """停止：断开连接，写好检查点。"""
    cluster = Cluster(open_home())
    cluster.keep(False)
    was_running = cluster.stop()
    if as_json:
        emit({"is_running": False, "was_running": was_running, "place": cluster.place})
    else:
        say("PostgreSQL 已停止" if was_running else "PostgreSQL 没有在运行")


@app.command()
def status(as_json: AsJson = False) -> None:
    """是否在运行，有哪些数据库。"""
    found = Cluster(open_home()).status()
    if as_json:
        emit(
            {
                "is_running": found.is_running,
                "is_kept": found.is_kept,
                "pid": found.pid,
                "place": found.place,
                "socket_folder": found.socket_folder,
                "release": found.release,
                "databases": found.databases,
            }
        )
    elif found.is_running:
        say(f"PostgreSQL {found.release} 正在运行，进程号 {found.pid}")
        say(f"数据：{found.place}")
        say(f"套接字：{found.socket_folder}")
        say(f"数据库：{'、'.join(found.databases) or '（还没有）'}")
    else:
        say(f"PostgreSQL 没有在运行（{found.place}）")


@app.command()
def url(
    database: Annotated[str, typer.Argument(metavar="数据库", help="数据库名。")] = "directory",
    role: Annotated[str, typer.Option(help="角色；缺省与数据库同名。")] = "",
    superuser: Annotated[bool, typer.Option("--superuser", help="超级用户的地址。")] = False,
    as_json: AsJson = False,
) -> None:
    """某个数据库的连接地址（含口令，勿外传）。"""
    cluster = Cluster(open_home())
    if not cluster.status().is_running:
        raise HutongError("POSTGRES_NOT_RUNNING", path=cluster.place)
    address = cluster.superuser_url(database) if superuser else cluster.role_url(role or database, database)
    if as_json:
        emit({"url": address})
    else:
        say(address)

"""``hutong relay``: the relay of this installation."""

from typing import Annotated

import typer
import uvicorn

from exchange import enrol
from exchange.relay.server import create_app
from exchange.settings import RelaySettings
from hutong.console import emit, say, tell
from hutong.home import open_home
from hutong.local_nodes import databases
from hutong.ports import require_free
from hutong.postgres import Cluster

app = typer.Typer(help="中继：只存放密文。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def init(
    directory: Annotated[str, typer.Option(help="目录服务地址。")],
    fingerprint: Annotated[str, typer.Option(help="目录公钥指纹，由信息办当面或另行告知。")],
    token: Annotated[str, typer.Option(help="信息办发的注册码，一次有效。", envvar="HUTONG_RELAY_TOKEN")],
    name: Annotated[str, typer.Option(help="中继的名字。")] = "relay",
    database_url: Annotated[str, typer.Option(help="中继的数据库；缺省用内嵌的。")] = "",
    as_json: AsJson = False,
) -> None:
    """登记中继：生成身份密钥，向目录注册，建好数据表。"""
    home = open_home()
    enrol.require_sound(name, directory)
    folder = home.path / "relay"
    if database_url:
        made = enrol.init_relay(folder, name, directory, fingerprint, token, database_url)
    else:
        with Cluster(home).running() as cluster:
            made = enrol.init_relay(folder, name, directory, fingerprint, token, cluster.ensure_database("relay"))
    if as_json:
        emit({"relay": made.name, "home": folder, "directory": made.directory_url})
    else:
        say(f"中继 {made.name} 已登记：{folder}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听的地址；缺省按配置。")] = "",
    port: Annotated[int, typer.Option(help="监听的端口；缺省按配置。", min=0, max=65535)] = 0,
) -> None:
    """启动中继，直到 Ctrl-C。"""
    home = open_home()
    settings = RelaySettings.read(home.path / "relay" / enrol.RELAY_FILE)
    host, port = host or settings.host, port or settings.port
    require_free(host, port)
    with databases(home):
        tell(f"中继：http://{host}:{port}（Ctrl-C 停止）")
        uvicorn.run(create_app(settings), host=host, port=port, log_level="warning", ws="none")

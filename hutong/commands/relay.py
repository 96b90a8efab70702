"""``hutong relay``: the relay of this installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvicorn
from sqlalchemy import Engine, create_engine

from exchange.keys import enrol
from exchange.migrate import migrate as upgrade
from exchange.node import system_clock
from exchange.peers.feed import FeedStore
from exchange.peers.witness import Witness
from exchange.relay import fsck as invariants
from exchange.relay import sweep as sweeping
from exchange.relay.server import create_app
from exchange.relay.store import Store, open_store
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
def migrate(as_json: AsJson = False) -> None:
    """把中继的数据库升级到当前版本；只进不退，可重复执行。"""
    home = open_home()
    settings = RelaySettings.read(home.path / "relay" / enrol.RELAY_FILE)
    with databases(home):
        upgrade(settings.database_url, "relay")
    if as_json:
        emit({"is_current": True})
    else:
        say("中继的数据库已是当前版本")


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


@app.command()
def sweep(as_json: AsJson = False) -> None:
    """清理中继：办结或授权终止满保留期的密文、无人认领的上传、残留的半成品、过期的消息。运行中的中继每小时自己清理一次。"""
    with _opened() as (settings, engine, store):
        trust = FeedStore(engine, settings.directory_public, settings.name).load()
        done = sweeping.sweep(engine, store, settings.keep_days, system_clock, trust)
    if as_json:
        emit(vars(done))
    else:
        cleared = f"对象 {done.objects}（{done.bytes} 字节）"
        say(f"清理批次 {done.batches}，{cleared}，残留 {done.parts}，消息 {done.messages}")


@app.command()
def fsck(
    reads_all: Annotated[bool, typer.Option("--read", help="逐个读出对象，核对内容摘要。")] = False,
    as_json: AsJson = False,
) -> None:
    """核查中继：公告的批次一段不缺，存储中没有多余的对象（I9），目录审计日志与已见证的相符（I11）；有不成立即非零退出。"""
    with _opened() as (settings, engine, store):
        found = invariants.fsck(engine, store, datetime.now(UTC), reads_all=reads_all)
        found += Witness(settings.home / "witness", settings.directory_public).findings()
    if as_json:
        emit({"findings": [finding.model_dump() for finding in found]})
    for finding in found:
        tell(f"{finding.rule}\t{finding.path}\t{finding.zh}（{finding.en}）")
    if found:
        raise typer.Exit(1)
    if not as_json:
        say("全部不变量成立")


@contextmanager
def _opened() -> Iterator[tuple[RelaySettings, Engine, Store]]:
    home = open_home()
    settings = RelaySettings.read(home.path / "relay" / enrol.RELAY_FILE)
    with databases(home):
        engine = create_engine(settings.database_url, hide_parameters=True)
        try:
            yield settings, engine, open_store(settings.store_url, settings.home, settings.store_endpoint)
        finally:
            engine.dispose()

"""``hutong serve``: the directory, its API and pages."""

from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from directory.migrate import migrate, versions
from directory.process.serve import serve
from directory.settings import DirectorySettings
from hutong.console import tell
from hutong.errors import HutongError
from hutong.home import open_home
from hutong.installation import open_database
from hutong.ports import require_free
from standards.reasons import network_words


def command(
    host: Annotated[str, typer.Option(help="监听的地址；0.0.0.0 表示本机所有地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口。", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="工作进程数；每个处理器核一个为宜。", min=1, max=64)] = 1,
) -> None:
    """启动目录服务（接口与网页），直到 Ctrl-C。"""
    home = open_home()
    require_free(host, port)
    with open_database() as database:
        settings = DirectorySettings(home=home.path, database_url=database.url, migration_url=database.owner_url)
        if database.is_embedded:  # a database of one's own is migrated when its keeper says so: hutong migrate
            migrate(settings)
        else:
            _tell_of(settings)
        if not settings.scanner:
            tell("上传的文件不查病毒：要查，设 HUTONG_SCANNER（如 unix:/run/clamav/clamd.ctl）")
        tell(f"目录服务：http://{host}:{port}（Ctrl-C 停止）")
        serve(settings, host, port, workers)


def _tell_of(settings: DirectorySettings) -> None:
    """What is wrong with a database of one's own; it may come, or be migrated, after the service."""
    try:
        found, needed = versions(settings)
    except OperationalError as error:
        away = HutongError("DATABASE_UNREACHABLE", **network_words(error.orig or error))
        tell(f"{away.in_words}服务照常启动，数据库一来就能用。")
        return
    if found != needed:
        reason = f"库里是 {found}，要的是 {needed}" if found else f"库里还没有表，要的是 {needed}"
        behind = HutongError("DATABASE_BEHIND", reason=reason, reason_en=f"{found or 'none'} instead of {needed}")
        tell(behind.in_words)

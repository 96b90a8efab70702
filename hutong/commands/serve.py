"""``hutong serve``: the directory, its API and pages."""

from typing import Annotated

import typer

from directory.migrate import migrate
from directory.process.serve import serve
from directory.settings import DirectorySettings
from hutong.console import tell
from hutong.home import open_home
from hutong.installation import open_database
from hutong.ports import require_free


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
        if not settings.scanner:
            tell("上传的文件不查病毒：要查，设 HUTONG_SCANNER（如 unix:/run/clamav/clamd.ctl）")
        tell(f"目录服务：http://{host}:{port}（Ctrl-C 停止）")
        serve(settings, host, port, workers)

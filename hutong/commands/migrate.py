"""``hutong migrate``: the directory's tables."""

from typing import Annotated

import typer

from directory.migrate import migrate
from directory.settings import DirectorySettings
from hutong.console import emit, say
from hutong.home import open_home
from hutong.installation import open_database


def command(as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")] = False) -> None:
    """把目录数据库升级到当前版本；只进不退，可重复执行。"""
    home = open_home()
    with open_database() as database:
        migrate(DirectorySettings(home=home.path, database_url=database.url, migration_url=database.owner_url))
    if as_json:
        emit({"is_current": True})
    else:
        say("目录数据库已是当前版本")

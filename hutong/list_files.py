"""What the commands of the three lists have in common: a workbook of rows is taken in, all or none."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from directory.actors import Actor
from hutong.acting import acting
from hutong.console import say
from hutong.files import read_bytes

_Row = TypeVar("_Row")


def import_list(
    file: Path,
    as_user: str,
    imported: Callable[[Session, Actor, bytes, str, datetime], Iterable[_Row]],
    line: Callable[[_Row], str],
) -> None:
    """Take the file in as this person and say what it made, a line each; raises ``FILE_UNREADABLE``, ``LIST_ROW``."""
    data = read_bytes(file)
    with acting(as_user) as work:
        told = [line(each) for each in imported(work.session, work.actor, data, file.name, work.now)]
    for each in told:
        say(each)

"""Who a command acts as: nobody in particular where it only looks, a person with their password where it decides.

The password is proved by the same verb as a sign-in at the pages (its failures count, it stands in the log), and the
person's own roles decide what happens, so that nothing can be approved on the command line that could not be there.
"""

import getpass
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.register import service_actor
from directory.accounts.sign_in import SignedIn, sign_in, sign_out
from directory.actors import Actor, resume
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.http.malformed import expected, expected_en
from directory.resources.models import ResourceEntry
from directory.settings import DirectorySettings
from hutong.directory_access import Opened, open_directory
from hutong.errors import HutongError
from hutong.files import read_bytes

ADDRESS = "cli"
MOST_USERNAME, MOST_PASSWORD = 64, 256
_MOST_PLACES = 5
PASSWORD_FILE = "HUTONG_PASSWORD_FILE"  # noqa: S105 - where it stands, not what it is

NEW_PASSWORD_FILE = "HUTONG_NEW_PASSWORD_FILE"  # noqa: S105 - likewise

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
AsPerson = Annotated[
    str,
    typer.Option(
        "--as",
        envvar="HUTONG_AS",
        metavar="用户名",
        help=f"以谁的身份办理；密码在终端询问，或从 {PASSWORD_FILE} 指的文件读。",
    ),
]
AsReader = Annotated[
    str, typer.Option("--as", envvar="HUTONG_AS", metavar="用户名", help="以谁的身份查看；不写则看得到全部目录。")
]
AsAdministrator = Annotated[
    str,
    typer.Option(
        "--as", envvar="HUTONG_AS", metavar="用户名", help="以谁的身份办理；不写则是本机的安装人员（记作 cli）。"
    ),
]
AsImporter = Annotated[
    str,
    typer.Option(
        "--as",
        envvar="HUTONG_AS",
        metavar="用户名",
        help="以谁的身份办理：只限其角色许可的部门，记在其名下；不写则是本机的安装人员（记作 hutong），不限部门。",
    ),
]
Ref = Annotated[str, typer.Argument(metavar="目录", help="标识符、资源代码或 UUID。")]
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Work:
    """One transaction of one actor, begun ``now``; ``password`` is what they proved themselves with."""

    session: Session
    actor: Actor
    settings: DirectorySettings
    now: datetime
    password: str = ""

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return day_of(self.now)


@contextmanager
def acting(username: str, *, changes_password: bool = False) -> Iterator[Work]:
    """What a person does; raises ``LOGIN_FAILED``, ``LOGIN_LOCKED``, ``PASSWORD_OVER``.

    With a password that somebody else made they only change it: ``PASSWORD_ONE_TIME``.
    """
    with open_directory() as opened:
        password = _password(username)
        actor = _proved(opened, username, password)
        if actor.must_change_password and not changes_password:
            raise DirectoryError("PASSWORD_ONE_TIME")
        with opened.sessions.begin() as session:
            yield Work(session, actor, opened.settings, datetime.now(UTC), password)


@contextmanager
def looking(username: str) -> Iterator[Work]:
    """What a person sees, or, without one, what the command line sees: everything the office does."""
    if username:
        with acting(username) as work:
            yield work
        return
    with open_directory() as opened, opened.sessions.begin() as session:
        yield Work(session, service_actor(session), opened.settings, datetime.now(UTC))


def entry_ref(session: Session, ref: str) -> str:
    """What the verbs take for an entry, of what somebody typed: a resource code is looked up, the rest stays."""
    found = session.scalar(select(ResourceEntry.id).where(ResourceEntry.code == ref))
    return str(found) if found else ref


def body(kind: type[Body], /, **values: object) -> Body:
    """What was typed, as the verb takes it; raises ``ARGUMENT_BAD`` naming what does not fit."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise HutongError("ARGUMENT_BAD", **_places(error)) from None


def body_of_texts(kind: type[Body], texts: Mapping[str, object], /) -> Body:
    """A line of a table as the verb takes it, its numbers and days written out; raises ``ARGUMENT_BAD``."""
    try:
        return kind.model_validate_strings(texts)
    except ValidationError as error:
        raise HutongError("ARGUMENT_BAD", **_places(error)) from None


def body_of_file(kind: type[Body], path: Path) -> Body:
    """A file of JSON as the verb takes it; raises ``FILE_UNREADABLE``, ``JSON_UNREADABLE``."""
    try:
        return kind.model_validate_json(read_bytes(path))
    except ValidationError as error:
        raise HutongError("JSON_UNREADABLE", path=path, **_places(error)) from None


def _places(error: ValidationError) -> dict[str, list[str]]:
    """Names of fields and what was expected only: what was typed may be personal."""
    wrong = error.errors(include_input=False)[:_MOST_PLACES]
    names = [".".join(map(str, each["loc"])) for each in wrong]
    zh, en = ([said(each) or str(each["type"]) for each in wrong] for said in (expected, expected_en))
    return {  # what is wrong with the whole has no name
        "what": [f"{name}（{words}）" if name else words for name, words in zip(names, zh, strict=True)],
        "what_en": [
            f"{name} ({words})" if name else f"expected {words}" for name, words in zip(names, en, strict=True)
        ],
    }


def _proved(opened: Opened, username: str, password: str) -> Actor:
    if len(username) > MOST_USERNAME or len(password) > MOST_PASSWORD:
        raise DirectoryError("LOGIN_FAILED")
    now = datetime.now(UTC)
    with opened.sessions.begin() as session:
        found = sign_in(session, username=username, password=password, address=ADDRESS, kind="api", hours=1, now=now)
        if isinstance(found, SignedIn):
            actor = resume(session, found.token, "api", timedelta(hours=1), now)
            sign_out(session, found.token, now)  # it has shown who they are; nobody else gets it
            if actor is not None:
                return actor
            found = DirectoryError("LOGIN_FAILED")  # an account of no department
    raise found  # after the commit, so that the failure is counted


def ask_new_password() -> str:
    """From the file that ``HUTONG_NEW_PASSWORD_FILE`` names, or twice on the terminal, or one line of the input."""
    file = os.environ.get(NEW_PASSWORD_FILE)
    if file:
        return read_bytes(Path(file)).decode("utf-8", "replace").strip("\r\n")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed, again = getpass.getpass("新密码："), getpass.getpass("再输一遍新密码：")
    if typed != again:
        raise DirectoryError(
            "PASSWORD_WEAK", reason="两次输入的新密码不一致", reason_en="it was typed differently the second time"
        )
    return typed


def _password(username: str) -> str:
    file = os.environ.get(PASSWORD_FILE)
    if file:
        return read_bytes(Path(file)).decode("utf-8", "replace").strip("\r\n")
    if sys.stdin.isatty():
        return getpass.getpass(f"{username} 的密码：")
    return sys.stdin.readline().rstrip("\r\n")

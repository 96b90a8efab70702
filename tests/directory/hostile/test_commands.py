"""Commands called with what they cannot take: refused by us in Chinese (1), or as misuse by Typer in its words (2)."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin
from uuid import UUID

import pytest
import typer.main

from directory.accounts.queries import actor_named
from directory.settings import DirectorySettings
from hutong.cli import build, main

GROUPS: Final = (
    *("request", "cart", "consent", "delegation", "demand", "negative", "responsibility", "duty", "service"),
    *("situation", "entrustment", "bulletin", "complaint", "correction", "objection", "rating", "use", "rules"),
    *("holidays", "deciders", "notices", "statistics", "rates", "token", "user", "org", "offer", "proposal"),
    *("collection", "backflow"),
)
NOBODYS: Final = "00000000-0000-4000-8000-000000000000"
WRONG: Final[dict[type, tuple[str, ...]]] = {
    UUID: (NOBODYS, "不是编号"),
    int: ("x", "-1", "9" * 30),
    float: ("x",),
    datetime: ("2026-02-30", "明天", "0001-01-01", "9999-12-31"),
    Enum: ("nowhere",),
    Path: ("/nowhere/at/all.json", "/"),
    str: ("没有这一个", "长" * 100_001, "\x1b[31m\x07字"),
}
MUST_END: Final = {"不是编号", "x", "2026-02-30", "明天", "nowhere", "/nowhere/at/all.json"}
CHINESE: Final = re.compile("[一-鿿]{2}")


class Called(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def names(scene: Any) -> dict[str, str]:
    """The user names of the scene's people."""
    return {
        who: str(client.get("/api/v1/me").json()["username"]) for who, client in scene.people.items() if who != "nobody"
    }


@pytest.fixture
def call(
    scene: Any, directory_settings: DirectorySettings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Callable[..., Called]]:
    """A command in this process, as somebody whose password is taken for proved: checking each would take minutes."""

    def proved(opened: Any, username: str, password: str) -> Any:
        with opened.sessions() as session:
            return actor_named(session, username)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)  # where a command leaves what it was told no other place for
        patch.setenv("HUTONG_HOME", str(directory_settings.home))
        patch.setenv("HUTONG_DATABASE_URL", directory_settings.database_url)
        patch.setenv("HUTONG_PASSWORD_FILE", "/dev/null")
        patch.setattr("hutong.acting._proved", proved)

        def run(username: str, *arguments: str) -> Called:
            patch.setenv("HUTONG_AS", username)
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
            return Called(int(ended.value.code or 0), *capsys.readouterr())

        yield run


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from _leaves(each, (*path, name))
    else:
        yield path, command


def _params(command: Any) -> list[Any]:
    return [each for each in command.params if each.name not in {"help", "as_user", "as_json"} and not _flag(each)]


def _flag(parameter: Any) -> bool:
    return parameter.param_type_name == "option" and (parameter.is_flag or parameter.count)


def _given(parameter: Any, value: str) -> list[str]:
    """The parameter as typed, this value at each of its places."""
    values = [value] * max(1, parameter.nargs)
    return [parameter.opts[0], *values] if parameter.param_type_name == "option" else values


def _kind(parameter: Any) -> type:
    """What the command declares; of a list its members', of words to choose from ``Enum``."""
    found = parameter.type_descriptor.annotation
    if get_origin(found) in {list, tuple}:
        found = get_args(found)[0]
    is_choice = get_origin(found) is Literal or issubclass(found, Enum)
    return Enum if is_choice else next(each for each in WRONG if issubclass(found, each))


def _fitting(scene: Any, parameter: Any, file: Path) -> str:
    found, kind = parameter.type_descriptor.annotation, _kind(parameter)
    if kind is Enum:
        return str(get_args(found)[0] if get_origin(found) is Literal else next(iter(found)).value)
    name = "ref" if parameter.name in {"entry", "resource"} else parameter.name
    known = next((scene.known[each] for each in (name, f"{name}_id") if each in scene.known), None)
    if known is not None and kind in {str, UUID}:
        return str(known[0])
    return {UUID: NOBODYS, int: "1", float: "1", datetime: "2026-11-01", Path: str(file), str: "核对"}[kind]


@pytest.mark.parametrize("group", GROUPS)
def test_wrong_arguments_are_refused_in_words(
    scene: Any, call: Callable[..., Called], names: dict[str, str], group: str, tmp_path: Path
) -> None:
    """Every parameter of every command of the group: wrong in each way that its type can be, the others fitting, as
    people of two departments and the office by turns. Nothing ends in a trace, and what is no id, number, day or choice
    never ends well.
    """
    file = tmp_path / "some.json"
    file.write_text("{}", "utf-8")
    root: Any = typer.main.get_command(build([group]))
    bad: list[str] = []
    number = 0
    for path, command in _leaves(root.commands[group], (group,)):
        params = _params(command)
        must = [each for each in params if each.required]
        fitting = {each.name: _given(each, _fitting(scene, each, file)) for each in must}
        cases = [([], 2)] if must else []
        for each in params:
            for value in WRONG[_kind(each)]:
                typed = {**fitting, each.name: _given(each, value)}
                cases.append(([word for words in typed.values() for word in words], value))
        for arguments, wrong in cases:
            number += 1
            who = ("editor", "requester", "office")[number % 3]
            try:
                ended = call(names[who], *path, *arguments)
            except Exception as error:  # whatever would have been a trace
                bad.append(
                    f"{path} {[each[:40] for each in arguments]} as {who}: {type(error).__name__} {str(error)[:200]}"
                )
                continue
            is_ended = ended.status in {1, 2} or (ended.status == 0 and wrong not in MUST_END and wrong != 2)
            is_said = ended.status != 1 or bool(CHINESE.search(ended.err))
            if not is_ended or not is_said or "Traceback" in ended.err:
                bad.append(f"{path} {[each[:40] for each in arguments]} as {who}: {ended.status} {ended.err[-200:]!r}")
    assert not bad, "\n".join(bad)

"""A command line typed wrong: in Chinese first, with what was typed and where the help is, exit 2, 80 columns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from hutong.cli import build, main
from hutong.help_pages import _kind
from hutong.listing import LINES
from hutong.screens import COLUMNS, width


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit status and both streams."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out, said.err


def assert_misused(done: tuple[int, str, str], sentence: str, help_of: str) -> None:
    status, out, err = done
    lines = err.splitlines()
    assert (status, out) == (2, ""), err
    assert err.replace("\n  ", "").startswith(f"错误 COMMAND_MISUSED：命令写得不对：{sentence}"), err
    assert lines[-1] == f"下一步：写法见 {help_of} --help"
    assert "Traceback" not in err
    assert max(map(width, lines)) <= COLUMNS


def every_command() -> Iterator[list[str]]:
    """Each command and group there is, by the words that lead to it."""

    def below(command: object, path: list[str]) -> Iterator[list[str]]:
        yield path
        if isinstance(command, TyperGroup):
            for name, each in command.commands.items():
                yield from below(each, [*path, name])

    yield from below(get_command(build(LINES)), [])


@pytest.mark.parametrize(
    ("typed", "sentence", "help_of"),
    [
        ("dbb", "没有命令 dbb，是不是 db？", "hutong"),
        ("request lst", "没有命令 lst，是不是 list？", "hutong request"),
        ("node changes", "", "hutong node changes"),
        ("node changes foo", "没有命令 foo", "hutong node changes"),
        ("--foo", "没有选项 --foo", "hutong"),
        ("request list --jsno", "没有选项 --jsno，是不是 ", "hutong request list"),
        ("demo -z", "没有选项 -z", "hutong demo"),
        ("demo --port", "选项 --port 后面还要写一个值", "hutong demo"),
        ("demo --once=3", "选项 --once 后面不带值", "hutong demo"),
        ("demo --port 99999", "选项 --port 的值“99999”大于 65455", "hutong demo"),
        ("demo --data /nowhere", "选项 --data 的值“/nowhere”不存在", "hutong demo"),
        ("demo --data /etc/passwd", "选项 --data 的值“/etc/passwd”是文件，这里要的是目录", "hutong demo"),
        ("catalogue search x --size abc", "选项 --size 的值“abc”不是整数", "hutong catalogue search"),
        ("request show", "还缺参数“申请编号”", "hutong request show"),
        ("request show 7", "参数“申请编号”的值“7”不是编号", "hutong request show"),
        ("db status more", "多了参数 more", "hutong db status"),
        ("audit verify", "给出一个文件夹，或用 --live", "hutong audit verify"),
        (
            "user add a --role boss --org x",
            "选项 --role 的值“boss”不行，可写 editor、department_head、",
            "hutong user add",
        ),
        ("request list --\x1b[2J", "没有选项 --?[2J", "hutong request list"),
    ],
)
def test_what_was_typed_wrong_is_said_in_chinese(
    capsys: pytest.CaptureFixture[str], typed: str, sentence: str, help_of: str
) -> None:
    if not sentence:  # a group alone is asked for its help
        status, out, err = run(*typed.split(), capsys=capsys)
        assert (status, err) == (0, "")
        assert "用法：" in out
        return
    assert_misused(run(*typed.split(), capsys=capsys), sentence, help_of)


def test_every_command_says_which_option_it_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    commands = list(every_command())
    assert len(commands) > 150
    for path in commands:
        done = run(*path, "--no-such-option", capsys=capsys)
        assert_misused(done, "没有选项 --no-such-option", " ".join(["hutong", *path]))


def test_every_command_has_its_help_in_chinese(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    for path in every_command():
        status, out, err = run(*path, "--help", capsys=capsys)
        assert (status, err) == (0, "")
        assert f"用法：{' '.join(['hutong', *path])}" in out
        assert "显示这份说明" in out
        for english in ("Usage", "Options", "Arguments", "Commands", "[required]", "[default", "[env var", "Show this"):
            assert english not in out, path
        assert max(map(width, out.splitlines())) <= COLUMNS
        assert "…" not in out.replace("[参数]…", ""), "nothing of it is cut off"


def test_a_group_alone_is_asked_for_its_help_and_gives_it(capsys: pytest.CaptureFixture[str]) -> None:
    groups = [path for path in every_command() if isinstance(_command(path), TyperGroup)]
    assert len(groups) > 30
    for path in groups:
        status, out, err = run(*path, capsys=capsys)
        assert (status, err) == (0, ""), path
        assert f"用法：{' '.join(['hutong', *path])} " in out


def test_what_kind_of_value_is_wanted_is_said_in_chinese_or_by_the_values_themselves() -> None:
    english = []
    for path in every_command():
        command = _command(path)
        for each in command.params:
            said = each.metavar or _kind(each.display_type, typer.Context(command))
            if said and said.isascii() and "|" not in said and set(said.split(",")) != {""}:
                english.append(f"{' '.join(path)} {each.opts[0]}: {said}")
            if each.param_type_name == "argument" and (each.metavar or "a").isascii():
                english.append(f"{' '.join(path)} {each.opts[0]}: an argument without a name")
    assert not english


def test_the_kinds_stand_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("imports", "update", "--help", capsys=capsys)
    assert "整数，可写多个" in out
    assert "<" not in out.replace("<=", "")


def _command(path: list[str]) -> Any:
    found: Any = get_command(build(LINES))
    for name in path:
        found = found.commands[name]
    return found


def test_whoever_stops_a_command_is_told_so_and_what_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    monkeypatch.setattr("hutong.commands.db.open_home", stopped)
    assert run("db", "status", capsys=capsys) == (
        130,
        "",
        "已按 Ctrl-C 停止（stopped）：办完的已经保存，正在办的一步没有保存；可以重新运行。\n",
    )


def test_whoever_breaks_off_at_a_question_is_told_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken_off(*_: object) -> None:
        raise typer.Abort

    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    monkeypatch.setattr("hutong.commands.db.open_home", broken_off)
    assert run("db", "status", capsys=capsys) == (1, "", "已取消（aborted）\n")


def test_arguments_that_do_not_go_together_are_said_in_each_languages_words(capsys: pytest.CaptureFixture[str]) -> None:
    for typed, zh, en in (
        ("audit verify", "给出一个文件夹，或用 --live", "a folder, or --live"),
        ("node grants a --node b", "写了两个节点：a 和 b", "two nodes are named: a and b"),
        ("exchange sheet", "要么给出路由编号与 --out，要么给出 --verify", "either a route and --out, or --verify"),
    ):
        status, _, err = run(*typed.split(), capsys=capsys)
        assert status == 2
        assert f"命令写得不对：{zh}\n（the command line is wrong: {en}）" in err

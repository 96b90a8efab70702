"""What to do next is said for whoever types: commands that there are, and nothing that only a page has."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest
import typer
from typer.core import TyperGroup

from directory.errors import DirectoryError
from exchange.errors import ExchangeError
from hutong.cli import build
from hutong.console import complain
from hutong.errors import HutongError
from hutong.listing import LINES
from metadata.errors import MetadataError
from pipelines.errors import PipelinesError
from standards.errors import ExplainedError, Explanation, StandardsError

OF_PAGES: Final = re.compile(
    r"刷新|勾选|首页|页面|本页|页进入|”页|页按|页的|页办|页选|列表进入|清单进入|记录进入|打开|按钮|点击|粘贴|一栏"
)
COMMAND: Final = re.compile(r"hutong ([a-z]+)(?: ([a-z][a-z-]*))?")
ERRORS: Final = (DirectoryError, ExchangeError, HutongError, MetadataError, PipelinesError, StandardsError)
MAY_SAY: Final = {
    "FILE_NOT_WORKBOOK": "用表格软件打开",
    "FILE_ENCODING_UNKNOWN": "用表格软件打开",
    "DEMO_STUCK": "在网页上把它办完",
}
"""What is opened there is a file, or the page is really meant."""


def told() -> Iterator[tuple[str, Explanation, str]]:
    for each in ERRORS:
        for code, explanation in each.explanations.items():
            yield code, explanation, explanation.next_cli or explanation.next_step


def test_no_next_step_on_the_command_line_speaks_of_a_page() -> None:
    wrong = {code: said for code, _, said in told() if OF_PAGES.search(said.replace(MAY_SAY.get(code, "\0"), ""))}
    assert not wrong


def test_a_step_of_its_own_is_only_written_where_it_differs() -> None:
    assert not [code for code, explanation, _ in told() if explanation.next_cli == explanation.next_step]


def test_every_command_that_is_named_exists() -> None:
    root = typer.main.get_command(build(LINES))
    assert isinstance(root, TyperGroup)
    wrong = {code: words for code, _, said in told() for words in COMMAND.findall(said) if not _is_one(root, *words)}
    assert not wrong


def _is_one(root: TyperGroup, name: str, below: str) -> bool:
    command = root.commands.get(name)
    return command is not None and (not isinstance(command, TyperGroup) or not below or below in command.commands)


def test_the_command_line_says_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    complain(DirectoryError("EXTENSION_DECIDED"))
    assert capsys.readouterr().err.splitlines()[-1] == "下一步：用 hutong duty show 查看结果。"
    complain(DirectoryError("LIBRARY_UNKNOWN", name="x", known="人口库"))
    assert "下一步：可选的基础库：人口库；" in capsys.readouterr().err


def test_what_is_said_of_a_page_stays_on_the_page() -> None:
    error: ExplainedError = DirectoryError("EXTENSION_DECIDED")
    problem: Mapping[str, object] = error.problem()
    assert problem["next_step"] == "刷新页面查看最新状态。"

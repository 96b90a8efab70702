"""What ``hutong --help`` lists: every command that there is, by its own words, without loading any."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import hutong.commands
from hutong.listing import LINES

MODULES = sorted(each.stem for each in Path(hutong.commands.__file__).parent.glob("[a-z]*.py"))


def test_it_lists_every_command_and_no_other() -> None:
    assert list(LINES) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_line_is_what_the_command_says_of_itself(name: str) -> None:
    module = import_module(f"hutong.commands.{name}")
    own = module.app.info.help if hasattr(module, "app") else module.command.__doc__
    assert LINES[name] == own.partition("\n")[0]


@pytest.mark.parametrize("typed", [[], ["--help"], ["--version"], ["dbb"]])
def test_nothing_is_loaded_to_be_listed(typed: list[str]) -> None:
    """Loading all of it takes seconds, for whoever asks what there is as for whoever mistyped."""
    program = (
        "import atexit, sys; from hutong.cli import main;"
        "atexit.register(lambda: print([each for each in sys.modules if each.startswith('hutong.commands.')]));"
        f"main({typed!r})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    if typed in ([], ["--help"]):
        assert all(f" {name} " in done.stdout for name in LINES)
    if typed == ["dbb"]:
        assert "没有命令 dbb，是不是 db？" in done.stderr

"""What the README names exists, and the reverse."""

import re
from pathlib import Path
from typing import get_args

from exchange.errors import ExchangeError
from exchange.failpoints import POINTS
from exchange.states import State

README = Path(__file__).parents[2] / "exchange" / "README.md"


def test_every_code_is_explained_and_no_other() -> None:
    codes = README.read_text(encoding="utf-8").split("## Outcome codes")[1]
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", codes, re.MULTILINE))
    assert listed == set(ExchangeError.explanations)


def test_every_failpoint_and_state_is_named() -> None:
    text = README.read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z]+\.[a-z_]+)`", text.split("**Failpoints**")[1].split("## Relay")[0]))
    assert listed == set(POINTS)
    assert all(state in text for state in get_args(State))


def test_every_file_named_exists() -> None:
    named = set(re.findall(r"`((?:[a-z]+/)?[a-z_]+\.py)`", README.read_text(encoding="utf-8")))
    assert named
    assert not [name for name in named if not ([*README.parent.rglob(name)] or (README.parents[1] / name).exists())]

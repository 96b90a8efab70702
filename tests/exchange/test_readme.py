"""What the exchange's pages name exists, and the reverse."""

import re
from pathlib import Path
from typing import get_args

from exchange.errors import ExchangeError
from exchange.failpoints import POINTS
from exchange.states import State

PACKAGE = Path(__file__).parents[2] / "exchange"


def said(page: str) -> str:
    return (PACKAGE / page).read_text(encoding="utf-8")


def test_every_code_is_explained_and_no_other() -> None:
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", said("docs/codes.md"), re.MULTILINE))
    assert listed == set(ExchangeError.explanations)


def test_every_failpoint_and_state_is_named() -> None:
    points = said("docs/ledger.md").split("## Failpoints")[1].split("\n## ")[0]
    assert set(re.findall(r"`([a-z]+\.[a-z_]+)`", points)) == set(POINTS)
    assert all(state in said("README.md") for state in get_args(State))

"""Which kind of batch, decided without a database; and when so much is gone that a person looks first."""

from dataclasses import replace
from typing import Any

import pytest

from exchange.limits import LIMITS
from exchange.provider.strategy import SourceFacts, SourceState, choose, is_too_small

BASE = SourceState(
    seq=4,
    digest="d",
    snapshot="100:120:100,110",
    identity="i",
    triggers="t",
    scope="s",
    is_key_unique=True,
    rows=1000,
    set_aside=0,
    since_full=3,
)
NOW = SourceFacts(snapshot="130:140:", identity="i", triggers="t", is_key_unique=True, kept_from=90, mark="d")


def _chosen(
    base: SourceState | None = BASE,
    now: SourceFacts = NOW,
    *,
    scope: str = "s",
    is_keyed: bool = True,
    is_asked: bool = False,
    set_aside: int = 0,
) -> tuple[str, str]:
    found = choose(base, now, scope, is_keyed=is_keyed, is_asked=is_asked, set_aside=set_aside)
    return found.kind, found.because


def test_changes_when_everything_holds() -> None:
    assert _chosen() == ("changes", "")


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"base": None}, "first"),
        ({"is_asked": True}, "asked"),
        ({"is_keyed": False}, "keyless"),
        ({"scope": "other"}, "renewed"),
        ({"now": replace(NOW, identity="")}, "not_plain"),
        ({"now": replace(NOW, identity="other")}, "rewritten"),
        ({"now": replace(NOW, mark="")}, "restored"),
        ({"now": replace(NOW, snapshot="99:140:99")}, "restored"),
        ({"now": replace(NOW, snapshot="105:119:")}, "restored"),
        ({"now": replace(NOW, snapshot=f"130:{100 + 2**31}:")}, "wraparound"),
        ({"base": replace(BASE, since_full=LIMITS.batches_between_full)}, "self_check"),
    ],
)
def test_all_rows_go(changed: dict[str, Any], because: str) -> None:
    assert _chosen(**changed) == ("full", because)


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"now": replace(NOW, triggers="")}, "no_change_table"),
        ({"now": replace(NOW, triggers="other")}, "change_table_later"),
        ({"now": replace(NOW, kept_from=None)}, "change_table_later"),
        ({"now": replace(NOW, kept_from=101)}, "change_table_later"),
        ({"set_aside": 1}, "set_aside"),
        ({"base": replace(BASE, set_aside=1)}, "set_aside"),
        ({"now": replace(NOW, triggers="", snapshot=f"130:{99 + 2**31}:")}, "no_change_table"),
    ],
)
def test_an_increment_by_transaction_ids(changed: dict[str, Any], because: str) -> None:
    assert _chosen(**changed) == ("increment", because)


@pytest.mark.parametrize(
    ("was", "rows", "expected"),
    [
        (1000, 499, True),
        (1000, 500, False),
        (1000, 2000, False),
        (200, 99, True),
        (199, 99, False),
        (3, 0, True),
        (0, 0, False),
    ],
)
def test_too_much_is_gone(was: int, rows: int, expected: bool) -> None:
    assert is_too_small(replace(BASE, rows=was), "s", rows) is expected
    assert not is_too_small(replace(BASE, rows=was), "another filter", rows)
    assert not is_too_small(None, "s", rows)

"""``docs/law/articles.csv``: each article of the regulation that is tracked, and the tests that show it or why none.

The rows are those of ``regulation2025-articles``. Where tests are named, ``reason`` says what of the article they leave
open; where none is (``not covered``), it says why.
"""

import ast
import csv
import io
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from standards import catalogue

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "law" / "articles.csv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
TRACKED = list(csv.DictReader(io.StringIO(catalogue.read("regulation2025-articles").decode("utf-8"))))
NONE = "not covered"
MOST_TESTS, MOST_ROWS = 4, 2  # a row's tests are its sharpest; a test that shows everything shows nothing


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def named_by(row: dict[str, str]) -> list[str]:
    return [] if row["test"] == NONE else row["test"].split(" ")


def test_every_tracked_article_has_its_row_once_and_in_order() -> None:
    assert [(row["article"], row["subject"]) for row in ROWS] == [(row["article"], row["subject"]) for row in TRACKED]


@pytest.mark.parametrize("row", ROWS, ids=[row["article"] for row in ROWS])
def test_every_row_names_tests_that_exist_or_says_why_not(row: dict[str, str]) -> None:
    assert re.search(r"[一-鿿]", row["asks"]), "what the article asks, in words"
    if row["test"] == NONE:
        assert re.match(r"(不涉及|未实现)：\S", row["reason"]), "why none"
        return
    named = named_by(row)
    assert len(set(named)) == len(named) <= MOST_TESTS
    for each in named:
        file, _, name = each.partition("::")
        assert name.startswith("test_")
        assert name in named_in(file), each


def test_no_test_stands_for_many_articles() -> None:
    counted = Counter(each for row in ROWS for each in named_by(row))
    assert not {each: number for each, number in counted.items() if number > MOST_ROWS}

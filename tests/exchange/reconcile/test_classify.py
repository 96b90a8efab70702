"""Which rows differ, against a plain count; and the tree's sums."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.reconcile import tree
from exchange.reconcile.classify import Entry, classify

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=12)


def entries(rows: list[tuple[str, str]], touched: int | None) -> list[Entry]:
    return [
        Entry(key, image, count, None if touched is None else touched * count)
        for (key, image), count in Counter(rows).items()
    ]


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_without_evidence_everything_that_differs_counts(
    source: list[tuple[str, str]], target: list[tuple[str, str]]
) -> None:
    found = classify(entries(source, None), entries(target, None))
    kinds = Counter[str]()
    for item in found:
        kinds[item.kind] += item.rows
    ours, theirs = Counter(source) - Counter(target), Counter(target) - Counter(source)
    pairs = sum(
        min(sum(n for (k, _), n in ours.items() if k == key), sum(n for (k, _), n in theirs.items() if k == key))
        for key in "abc"
    )
    assert kinds["pending"] == 0
    assert kinds["different"] == pairs
    assert kinds["missing"] == ours.total() - pairs
    assert kinds["extra"] == theirs.total() - pairs


@pytest.mark.parametrize(
    ("changed", "foreign", "kind"),
    [
        (True, False, "pending"),
        (False, False, "different"),  # nobody touched either: the exchange itself is wrong
        (None, False, "pending"),
        (True, True, "different"),
        (False, True, "different"),
        (True, None, "pending"),
        (None, None, "different"),
    ],
)
def test_a_row_that_differs(changed: bool | None, foreign: bool | None, kind: str) -> None:
    source = Entry("k", "one", 1, None if changed is None else int(changed))
    target = Entry("k", "two", 1, None if foreign is None else int(foreign))
    assert [item.kind for item in classify([source], [target])] == [kind]


@pytest.mark.parametrize(("touched", "at_source", "at_target"), [(1, "pending", "extra"), (0, "missing", "pending")])
def test_a_row_at_one_end(touched: int, at_source: str, at_target: str) -> None:
    assert [item.kind for item in classify([Entry("k", "i", 1, touched)], [])] == [at_source]
    assert [item.kind for item in classify([], [Entry("k", "i", 1, touched)])] == [at_target]


def test_the_tree_adds_up_and_is_bounded() -> None:
    leaves = {leaf: (leaf % 7, leaf * 2**60, leaf) for leaf in range(0, tree.LEAVES, 3)}
    assert tree.total(tree.branches(leaves)) == tree.root(leaves)
    other = {**leaves, 99: (1, 1, 1)}
    assert tree.differing(tree.branches(leaves), tree.branches(other)) == [99 // tree.FAN]
    assert tree.digest_of(b"k", tree.root(leaves)) != tree.digest_of(b"k", tree.root(other))
    big = dict.fromkeys(range(10), (10, 1, 1))
    assert tree.bounded(list(range(10)), big, {}, 25) == [0, 1]
    assert tree.bounded([3], {3: (1000, 1, 1)}, {}, 25) == [3]

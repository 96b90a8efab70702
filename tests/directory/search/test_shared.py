"""What one process counted at some length is told to the others: the same answers, never those of another state."""

import json
from pathlib import Path
from typing import Any

import pytest

from directory.search.counts import COUNTS, NUMBER, Counts, KeptCounts
from directory.search.index import SearchIndex
from directory.search.shared import SharedCounts
from tests.directory.search.conftest import Shelf


def _never() -> Any:
    raise AssertionError("counted although it was told")


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in (folder / "counts").rglob("*") if each.is_file())


def test_what_one_process_counted_another_reads(tmp_path: Path) -> None:
    counts = Counts(3, {"provider": {"A": 2, "B": 1}, "library": {}}, {"A": {"draft": 1}})
    one, other = SharedCounts(tmp_path, 0), SharedCounts(tmp_path, 0)
    assert one.get("1", ("all", None, ("人口",)), lambda: counts, COUNTS) == counts
    assert other.get("1", ("all", None, ("人口",)), _never, COUNTS) == counts
    assert other.get("1", ("all", None, ("法人",)), lambda: counts - counts, COUNTS).total == 0
    without = Counts(0, {}, None)
    assert one.get("1", "none", lambda: without, COUNTS) == other.get("1", "none", _never, COUNTS) == without


def test_nothing_of_another_state_is_read_and_it_goes_with_the_first_that_is_told_after(tmp_path: Path) -> None:
    one, other = SharedCounts(tmp_path, 0), SharedCounts(tmp_path, 0)
    one.get("1", "a", lambda: 1, NUMBER)
    one.get("1", "b", lambda: 1, NUMBER)
    assert other.get("2", "a", lambda: 2, NUMBER) == 2
    assert len(_files(tmp_path)) == 1
    assert one.get("1", "a", lambda: 3, NUMBER) == 3
    assert one.get("2", "a", _never, NUMBER) == 2


def test_what_is_counted_at_once_is_not_told(tmp_path: Path) -> None:
    SharedCounts(tmp_path, long_seconds=60).get("1", "a", lambda: 1, NUMBER)
    assert not (tmp_path / "counts").exists()


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"total": 1}', b'{"total": null, "facets": {}, "inside": null}'])
def test_what_is_torn_is_counted_anew_and_told_again(tmp_path: Path, left: bytes) -> None:
    counts = Counts(1, {"provider": {"A": 1}}, None)
    shared = SharedCounts(tmp_path, 0)
    shared.get("1", "a", lambda: counts, COUNTS)
    _files(tmp_path)[0].write_bytes(left)
    assert shared.get("1", "a", lambda: counts, COUNTS) == counts
    assert SharedCounts(tmp_path).get("1", "a", _never, COUNTS) == counts


def test_where_nothing_can_be_written_each_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "counts").write_text("in the way")
    assert SharedCounts(tmp_path, 0).get("1", "a", lambda: 5, NUMBER) == 5


def test_two_processes_find_the_same_and_the_second_counts_nothing(shelf: Shelf) -> None:
    shelf.add("可检索的共享目录甲", "可检索的共享目录乙", "可检索的共享目录丙")
    indexes = [_sharing(shelf) for _ in range(2)]
    searches: list[dict[str, Any]] = [
        {"q": "可检索的共享"},
        {"q": "可检索"},
        {"q": "甲", "status": ("draft",)},
        {"q": "没有的词语"},
    ]
    for asked in searches:
        first, second = (shelf.find(index=each, **asked) for each in indexes)
        assert (first.total, first.items, first.facets) == (second.total, second.items, second.facets)
    for file in _files(shelf.folder):
        told = json.loads(file.read_text())
        if isinstance(told, dict) and told["total"] == 3:
            file.write_text(json.dumps(told | {"total": 7}))
    assert shelf.find("可检索的共享", index=_sharing(shelf)).total > 3  # it was read
    shelf.add("可检索的共享目录丁")
    assert shelf.find("可检索的共享", index=_sharing(shelf)).total == 4  # another state of the index


def _sharing(shelf: Shelf) -> SearchIndex:
    index = shelf.index()
    index.counts = KeptCounts(SharedCounts(shelf.folder, 0))
    return index

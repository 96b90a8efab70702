"""Recall and precision against brute force on real titles: every two-character part of a sampled title finds it."""

import csv
import io
import lzma
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from directory.resources.rows import EntryRow
from directory.search.folding import fold
from directory.search.generation import Cursor, Generation
from directory.search.match import all_of, levels, matching
from directory.search.walk import Walk, ids
from directory.search.words import words_of
from metadata.resource import Party, Resource

DATA = Path(__file__).parents[4] / "shared" / "data" / "catalogue"
CATALOGUES = {
    "cn_guangxi_open_data_catalogue_2021.csv.xz": "资源名称",
    "cn_statistical_yearbook_tables_a.csv.xz": "统计表名称",
    "tw_national_dataset_list_2018.csv.xz": "資料集名稱",
}
SAMPLES = 30


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_pair_of_characters_of_a_title_finds_exactly_the_titles_that_hold_it(name: str, tmp_path: Path) -> None:
    titles = _titles(name)
    searcher = Generation.build(tmp_path, map(_row, range(len(titles)), titles), Cursor(0)).searcher()
    folded = [fold(title) for title in titles]
    sampled = random.Random(20261121).sample(titles, SAMPLES)
    typed = {
        title[at : at + length] for title in sampled for length in (2, 3, 6) for at in range(len(title) - length + 1)
    }
    wrong = []
    for each in sorted(typed):
        words = words_of(each)
        expected = {at for at, text in enumerate(folded) if all(word in text for word in words)}
        found = searcher.search(all_of(matching(words)), len(titles))
        if {each.int for each in ids(searcher, [address for _, address in found.hits])} != expected:
            wrong.append(each)
    assert (len(typed) > SAMPLES, wrong) == (True, [])


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_title_typed_whole_comes_first(name: str, tmp_path: Path) -> None:
    titles = _titles(name)
    searcher = Generation.build(tmp_path, map(_row, range(len(titles)), titles), Cursor(0)).searcher()
    for title in random.Random(20261122).sample(titles, SAMPLES):
        (best,) = Walk(searcher, ((),), levels(words_of(title), title), (), "by_relevance").after(None, 1)
        assert fold(titles[best.id.int]) == fold(title)


def _titles(name: str) -> Sequence[str]:
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"the real catalogue {file} is not here")
    rows = csv.DictReader(io.StringIO(lzma.decompress(file.read_bytes()).decode("utf-8-sig")))
    named = dict.fromkeys(row[CATALOGUES[name]] for row in rows)
    return [title for title in named if title and 1 <= len(title) <= 500][:6000]


def _row(number: int, title: str) -> EntryRow:
    record = Resource(title=title, provider=Party(name="甲")).model_dump(mode="json")
    return EntryRow(UUID(int=number), "X", None, None, "draft", date(2026, 11, 20), True, 0, 1, 1, record)

"""What happens to the index beside the searches: large changes, pruned lists, a killed rebuild, a full disk, views."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from directory.resources.popularity import ViewCounter, add_views
from directory.roles import Role
from directory.search import index as index_module
from directory.search.asking import SearchQuery
from directory.search.generation import current_name
from directory.search.index import Follower

ROOT = Path(__file__).parents[3]
_REBUILD = """
import sys
from pathlib import Path
from sqlalchemy.orm import sessionmaker
from directory.db import make_engine
from directory.search import documents, generation
from directory.search.index import SearchIndex
{spoil}
SearchIndex(Path(sys.argv[1]), sessionmaker(make_engine(sys.argv[2]))).rebuild()
"""
_STOP_IN_THE_MIDDLE = """
import os, signal
whole, done = generation.document, []
def document(row):
    done.append(row)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(row)
generation.document = document
"""
_FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""


@pytest.fixture(autouse=True)
def _fresh(shelf: Any) -> Iterator[None]:
    yield
    shutil.rmtree(shelf.folder, ignore_errors=True)


def _rebuild(shelf: Any, spoil: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", _REBUILD.format(spoil=spoil), str(shelf.folder), shelf.settings.database_url]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)


def test_a_rebuild_killed_half_way_leaves_the_index_in_use_and_its_rests_are_removed_by_the_next(shelf: Any) -> None:
    shelf.add("杀不死甲", "杀不死乙", "杀不死丙", "杀不死丁")
    index = shelf.index()
    assert shelf.find("杀不死", index=index).total == 4
    before = current_name(shelf.folder)
    assert _rebuild(shelf, _STOP_IN_THE_MIDDLE).returncode == -signal.SIGKILL
    folders = {each.name for each in shelf.folder.iterdir() if each.is_dir()}
    assert (current_name(shelf.folder), len(folders)) == (before, 2)
    assert shelf.find("杀不死", index=index).total == 4
    shelf.add("杀不死戊")
    assert shelf.find("杀不死", index=index).total == 5
    index.rebuild()
    left = {each.name for each in shelf.folder.iterdir() if each.is_dir()}
    assert left == {before, current_name(shelf.folder)}


def test_on_a_full_disk_a_rebuild_says_so_and_the_index_in_use_goes_on(shelf: Any) -> None:
    shelf.add(*(f"磁盘已满{number}" for number in range(40)))
    index = shelf.index()
    assert shelf.find("磁盘已满", index=index).total == 40
    done = _rebuild(shelf, _FULL_DISK)
    assert done.returncode == 1
    assert b"SEARCH_AWAY" in done.stderr
    assert shelf.find("磁盘已满", index=index).total == 40


def test_a_search_does_not_wait_for_very_many_changes_and_says_so(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    index = shelf.index()
    shelf.add("大批之前")
    assert shelf.find("大批", index=index).total == 1
    index.is_followed = True  # as a running service's is
    monkeypatch.setattr(index_module, "LIMITS", _fewer())
    shelf.add(*(f"大批之后{number}" for number in range(5)))
    page = shelf.find("大批", index=index)
    assert (page.total, page.is_behind) == (1, True)
    index.follow()
    page = shelf.find("大批", index=index)
    assert (page.total, page.is_behind) == (6, False)
    shelf.add("大批之末")
    page = shelf.find("大批", index=index)
    assert (page.total, page.is_behind) == (7, False)  # a few changes are waited for


def _fewer() -> Any:
    return type(index_module.LIMITS)(index_at_once_count=2, index_every_seconds=0.01)


def test_a_follower_takes_in_what_is_committed_and_stops(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "LIMITS", _fewer())
    index = shelf.index()
    follower = Follower(index)
    follower.start()
    shelf.add(*(f"随后收入{number}" for number in range(9)))
    while shelf.find("随后收入", index=index).total < 9:
        pass
    follower.stop()
    assert index.is_followed is False


def test_changes_are_removed_once_read_and_an_index_that_had_not_read_them_holds_itself_against_the_database(
    shelf: Any, tmp_path: Path
) -> None:
    elsewhere = index_module.SearchIndex(tmp_path / "search", shelf.app.state.sessions)
    index = shelf.index()
    shelf.add("删去清单甲")
    assert shelf.find("删去清单", index=elsewhere).total == 1
    shelf.add("删去清单乙")
    assert shelf.find("删去清单", index=index).total == 2
    with shelf.app.state.sessions() as session:
        index.follow()
        while session.scalar(
            text("SELECT count(*) FROM search_change")
        ):  # kept while any transaction of the server runs
            index.follow()
    assert shelf.find("删去清单", index=elsewhere).total == 2
    assert shelf.find("删去清单", index=elsewhere).total == 2


def test_many_small_writings_leave_few_segments(shelf: Any) -> None:
    index = shelf.index()
    for number in range(16):
        shelf.add(f"小段{number}")
        assert shelf.find(f"小段{number}", index=index).total == 1
    index.follow()
    with shelf.app.state.sessions() as session:
        assert index.view(session).searcher.num_segments <= 12
    assert shelf.find("小段", index=index).total == 16


def test_views_are_counted_once_a_reader_and_order_the_list(shelf: Any, city: Any) -> None:
    quiet, liked = shelf.add("看得少", "看得多")
    readers = [city.person(shelf.editor.org_code, Role.REQUESTER) for _ in range(2)]
    counter: ViewCounter = shelf.app.state.views
    for reader in readers:
        for _ in range(3):
            assert reader.client.get(f"/api/v1/resources/{liked}").status_code == 200
    browser = city.browser(readers[0].actor.username)
    assert browser.get(f"/resources/{quiet}").status_code == 200
    counter.write()
    index = shelf.index()
    found = shelf.find("看得", index=index, sort="popularity").items
    assert [(item.title, item.views) for item in found] == [("看得多", 2), ("看得少", 1)]
    with shelf.app.state.sessions.begin() as session:
        add_views(session, {UUID(quiet): 30})
    found = shelf.find("看得", index=index, sort="popularity").items
    assert [(item.title, item.views) for item in found] == [("看得少", 31), ("看得多", 2)]


def test_a_search_asks_the_database_a_few_times_whatever_it_finds(shelf: Any, statements: Any) -> None:
    shelf.add(*(f"语句数{number}" for number in range(30)))
    index = shelf.index()
    query = SearchQuery.model_validate({"q": "语句数"})
    shelf.ask(index, shelf.editor, query)
    with statements(shelf.app.state.engine) as seen:
        shelf.ask(index, shelf.editor, query)
    asked = [each for each in seen if not each.startswith("PREPARE")]
    assert 2 <= len(asked) <= 4, (
        seen
    )  # what changed, how the entries stand, perhaps what departments, libraries are called
    assert not [each for each in asked if "version" in each], "what was read once is not read again"

"""The index follows the database: after commits, across processes, after loss and damage."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from directory.errors import DirectoryError
from directory.resources.edit import edit
from directory.resources.register import register
from directory.search.generation import current_name
from directory.search.index import SearchIndex


@pytest.fixture(autouse=True)
def _fresh(shelf: Any) -> Iterator[None]:
    """Each test begins without any index."""
    yield
    shutil.rmtree(shelf.folder, ignore_errors=True)


def test_the_first_search_builds_and_every_later_one_has_what_was_committed_before(shelf: Any) -> None:
    shelf.add("第一项目录")
    index = shelf.index()
    assert shelf.find("第一项", index=index).total == 1
    shelf.add("第二项目录", "第二项目录之附件")
    assert shelf.find("第二项", index=index).total == 2


def test_what_is_not_committed_is_not_found_and_found_once_it_is(shelf: Any) -> None:
    """The earlier number of a slow transaction is not passed over when a later one has been read."""
    index, now = shelf.index(), datetime.now(UTC)
    with shelf.app.state.sessions.begin() as slow:
        register(slow, shelf.editor, _uncoded(shelf, "慢事务之目录", "99900/SLOW"), shelf.settings.classes, now)
        with shelf.app.state.sessions.begin() as quick:
            register(quick, shelf.editor, _uncoded(shelf, "快事务之目录", "99900/QUICK"), shelf.settings.classes, now)
        assert shelf.find("快事务", index=index).total == 1
        assert shelf.find("慢事务", index=index).total == 0
    assert shelf.find("慢事务", index=index).total == 1
    assert shelf.find("事务之", index=index).total == 2


def _uncoded(shelf: Any, title: str, identifier: str) -> Any:
    """A record with numbers of its own, so that two registrations do not wait for one counter."""
    front, number = identifier.split("/")
    code = f"307001{front}000/{len(number):06d}"
    return shelf.record(title, identifier=identifier, code=code, class_code="")


def test_another_process_sees_what_this_one_indexed_and_the_other_way_round(shelf: Any) -> None:
    here, there = shelf.index(), shelf.index()
    shelf.add("两个进程甲")
    assert shelf.find("两个进程", index=here).total == 1
    assert shelf.find("两个进程", index=there).total == 1
    shelf.add("两个进程乙")
    assert shelf.find("两个进程", index=there).total == 2
    assert shelf.find("两个进程", index=here).total == 2


def test_a_changed_title_is_found_by_the_new_one_only(shelf: Any, city: Any) -> None:
    (made,) = shelf.add("旧的名称在此")
    index = shelf.index()
    assert shelf.find("旧的名称", index=index).total == 1
    with shelf.app.state.sessions.begin() as session:
        edit(session, shelf.editor, made, shelf.record("新的叫法在此"), 1, datetime.now(UTC))
    assert shelf.find("旧的名称", index=index).total == 0
    assert [item.title for item in shelf.find("新的叫法", index=index).items] == ["新的叫法在此"]


def test_rebuilding_swaps_a_new_index_in_under_running_searches(shelf: Any) -> None:
    shelf.add("重建之前")
    here, there = shelf.index(), shelf.index()
    assert shelf.find("重建之前", index=there).total == 1
    before = current_name(shelf.folder)
    assert here.rebuild() >= 1
    assert current_name(shelf.folder) != before
    shelf.add("重建之后")
    assert shelf.find("重建之", index=there).total == 2
    here.rebuild()
    folders = [each for each in shelf.folder.iterdir() if each.is_dir()]
    assert len(folders) == 2  # the one in use, and the one before for whoever is just opening it


def test_a_lost_damaged_or_foreign_index_is_made_anew(shelf: Any) -> None:
    shelf.add("损坏之后仍可检索")
    assert shelf.find("损坏之后").total == 1
    folder = shelf.folder / current_name(shelf.folder)
    (folder / "meta.json").write_text("{")
    assert shelf.find("损坏之后").total == 1
    (shelf.folder / "current").write_text("0-another-format")
    assert shelf.find("损坏之后").total == 1
    shutil.rmtree(shelf.folder)
    assert shelf.find("损坏之后").total == 1


def test_an_index_that_missed_a_change_is_noticed_at_the_next_start(shelf: Any) -> None:
    shelf.add("自检甲")
    assert shelf.find("自检").total == 1
    _lose_changes(shelf, lambda: shelf.add("自检乙"))
    assert shelf.find("自检").total == 2  # a new SearchIndex is a new start


def _lose_changes(shelf: Any, change: Any) -> None:
    """Make a change whose mark is gone, as after restoring an older table."""
    change()
    engine = create_engine(shelf.settings.owner_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM search_change"))
    engine.dispose()


def test_many_threads_and_indexes_at_once_lose_nothing(shelf: Any) -> None:
    indexes = [shelf.index() for _ in range(3)]
    begun = threading.Barrier(6)

    def work(number: int) -> int:
        begun.wait()
        shelf.add(f"并发检索第{number}条")
        return shelf.find(f"并发检索第{number}条", index=indexes[number % 3]).total

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == [1] * 6
    assert [shelf.find("并发检索", index=each).total for each in indexes] == [6, 6, 6]


def test_a_folder_that_cannot_be_used_is_said_plainly(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "search").write_text("not a folder")
    index = SearchIndex(tmp_path / "search", shelf.app.state.sessions)
    with pytest.raises(DirectoryError, match="SEARCH_AWAY"):
        shelf.find("企业", index=index)

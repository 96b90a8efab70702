"""What is given back before workers share the rest: nothing that is still needed."""

import gc
import os
import weakref
from collections import UserList
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from directory.process.lean import forget_checked_classes, give_back_free_pages


class _Record(BaseModel):
    name: str


def test_abstract_classes_forget_what_is_not_theirs_and_find_it_again() -> None:
    assert not issubclass(_Record, Sequence)
    remembered = weakref.getweakrefcount(_Record)
    forget_checked_classes()
    gc.collect()
    assert weakref.getweakrefcount(_Record) < remembered
    assert not issubclass(_Record, Sequence)
    assert issubclass(UserList, Sequence)
    assert isinstance(_Record(name="a"), BaseModel)


def test_pages_that_are_free_between_blocks_in_use_are_given_back() -> None:
    kept = [bytes(700) for _ in range(100_000)][::1000]  # each too large for Python's own pages, so of the C library
    before = _resident()
    give_back_free_pages()
    assert _resident() < before - 30 * 1024 * 1024
    assert len(kept) == 100


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

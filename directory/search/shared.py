"""What took long to count in the index, told by the server process that counted it to the others of this machine.

A file for each in a folder for each state of the index, so that nobody reads what was counted in another state. They
are worth no more than the index that they lie beside: any of them may go at any time, and what is torn is not there.
"""

import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson

from standards.crypto import digest_hex

T = TypeVar("T")

_FOLDER = "counts"
_LONG_SECONDS = 0.004  # what is counted sooner is hardly found sooner
_MOST_TOLD = 1000  # of one state by one process, some kilobytes each


@dataclass(frozen=True)
class Form(Generic[T]):
    """How something counted is laid out for JSON, and how it is read again; reading raises for what is not that."""

    lay_out: Callable[[T], Any]
    read: Callable[[Any], T]


class SharedCounts:
    """Below ``root``, the index's folder. ``long_seconds``: what took at least this long to count is told."""

    def __init__(self, root: Path, long_seconds: float = _LONG_SECONDS) -> None:
        self._folder, self._long_seconds = root / _FOLDER, long_seconds
        self._state = ""
        self._told = 0

    def get(self, state: str, key: object, count: Callable[[], T], form: Form[T]) -> T:
        """What somebody counted under this key in this state of the index, or is counted now.

        ``key`` is known by its ``repr``.
        """
        file = self._folder / _named(state) / _named(repr(key))
        with suppress(OSError, ValueError, TypeError, LookupError):
            return form.read(orjson.loads(file.read_bytes()))
        began = time.perf_counter()
        counted = count()
        if time.perf_counter() - began >= self._long_seconds:
            with suppress(OSError):  # a full disk: each process counts for itself
                self._tell(state, file, orjson.dumps(form.lay_out(counted)))
        return counted

    def _tell(self, state: str, file: Path, told: bytes) -> None:
        if state != self._state:
            self._state, self._told = state, 0
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for other in self._folder.iterdir():
                if other != file.parent:
                    shutil.rmtree(other, ignore_errors=True)
        if self._told >= _MOST_TOLD:
            return
        self._told += 1
        beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        beside.write_bytes(told)
        os.replace(beside, file)


def _named(key: str) -> str:
    return digest_hex(key.encode())

"""The sheets of the file that was parsed last: the stages of a check, and the pages that show its cells, follow each
other within seconds, and parsing a large workbook takes two.
"""

import threading
from pathlib import PurePath

from directory.limits import LIMITS
from directory.resources.reading import read_sheets
from metadata.formats.sheet import Sheet
from standards.crypto import digest_hex


class Parsed:
    """One file's sheets, which never change, for ``seconds`` after it was parsed; of more than ``cells`` none."""

    def __init__(self, seconds: float = LIMITS.import_parsed_seconds, cells: int = LIMITS.import_parsed_cells) -> None:
        self.timer: threading.Timer | None = None
        self._seconds, self._cells = seconds, cells
        self._kept: tuple[str, tuple[Sheet, ...]] = "", ()
        self._turn = threading.Lock()

    def sheets(self, data: bytes, name: str) -> tuple[Sheet, ...]:
        """What ``read_sheets`` says, and raises."""
        key = digest_hex(data) + PurePath(name).suffix
        kept, found = self._kept
        if kept == key:
            return found
        found = read_sheets(data, name)
        if sum(len(row.cells) for sheet in found for row in sheet.rows) <= self._cells:
            self._keep(key, found)
        return found

    def _keep(self, key: str, found: tuple[Sheet, ...]) -> None:
        with self._turn:
            if self.timer is not None:
                self.timer.cancel()
            self._kept = key, found
            self.timer = threading.Timer(self._seconds, self._forget, [key])
            self.timer.daemon = True
            self.timer.start()

    def _forget(self, key: str) -> None:
        with self._turn:
            if self._kept[0] == key:
                self._kept = "", ()


sheets = Parsed().sheets

"""The Chromium of this machine, without a window and without calls of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, sync_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser until the block is left."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), "")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=_QUIET)
        yield opened
        opened.close()

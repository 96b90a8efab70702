"""A page as its markup."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest


class Document(HTMLParser):
    """The start tags of a page, in order, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]

    def links(self) -> list[str]:
        """Where one walks to; files to take away are not pages."""
        return [href for each in self.all("a") if (href := each.get("href")) and "download" not in each]


@pytest.fixture(scope="session")
def read() -> Callable[[str], Document]:
    return Document

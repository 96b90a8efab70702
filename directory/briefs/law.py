"""Articles of the regulation as the standard's table has them; none is cited that does not stand there. Pure."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from standards import catalogue

TITLE: Final = "《政务数据共享条例》"
# The table's key words are its makers' notes; a page shows them as a sentence is written.
_WRITTEN: Final = (
    ("1 / 10 (+10) 工作日", "无条件共享 1 个、有条件共享 10 个工作日内，经同意可再延长 10 个"),
    ("; ", "；"),
    (", ", "，"),
    (": ", "："),
    ("违规 → 暂停", "违规的暂停"),
)
_DIGITS: Final = "〇一二三四五六七八九"
_TEN: Final = 10


@dataclass(frozen=True)
class Article:
    """One article: its number, what it is about, and its content in key words."""

    number: int
    subject: str
    keywords: str

    @property
    def name(self) -> str:
        """第二十一条"""
        return f"第{numeral(self.number)}条"


@cache
def articles() -> Mapping[int, Article]:
    """Those of ``regulation2025-articles`` by number."""
    rows = csv.DictReader(io.StringIO(catalogue.read("regulation2025-articles").decode("utf-8")))
    found = (Article(int(row["article"]), row["subject"], _written(row["content_keywords"])) for row in rows)
    return {each.number: each for each in found}


def cite(*numbers: int) -> str:
    """（条例第十五条、第二十条）; raises ``KeyError`` for an article that the table does not have."""
    return f"（条例{'、'.join(articles()[number].name for number in numbers)}）"


def _written(keywords: str) -> str:
    for noted, words in _WRITTEN:
        keywords = keywords.replace(noted, words)
    return keywords


def numeral(number: int) -> str:
    """A number from 1 to 99 as the articles write it: 21 is 二十一."""
    tens, ones = divmod(number, _TEN)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")

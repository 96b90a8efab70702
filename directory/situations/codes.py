"""The situations of Articles 39 and 40, of ``regulation2025-violations``; the codes are ours, the law has none."""

import csv
import io
from collections.abc import Mapping
from functools import cache
from typing import Final

from standards import catalogue

NOT_UPDATED: Final = "P1"  # the catalogue after a change of law or duty
NOT_ANSWERED: Final = "P4"  # a request, or what was agreed to and not provided
NOT_RETURNED: Final = "P5"  # the same of 回流
PROVIDERS: Final = "P"
REQUESTERS: Final = "C"


@cache
def situations() -> Mapping[str, str]:
    """Every situation of a department by its code: P of providers (Art. 39), C of requesters (Art. 40).

    Those of the office itself (Art. 41) are not here: nobody files anything of themselves.
    """
    rows = csv.DictReader(io.StringIO(catalogue.read("regulation2025-violations").decode("utf-8")))
    return {row["code"]: row["situation"] for row in rows if row["code"][0] in (PROVIDERS, REQUESTERS)}


def situation(code: str) -> str:
    """What the regulation calls this situation, shortened."""
    return situations()[code]


def article(code: str) -> str:
    """The article that names it, in words."""
    return "条例第三十九条" if code.startswith(PROVIDERS) else "条例第四十条"

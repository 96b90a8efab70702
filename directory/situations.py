"""The situations of Article 39 under which what is late is filed by itself (``regulation2025-violations``)."""

import csv
import io
from functools import cache
from typing import Final

from standards import catalogue

NOT_UPDATED: Final = "P1"  # the catalogue after a change of law or duty
NOT_ANSWERED: Final = "P4"  # a request, or what was agreed to and not provided
NOT_RETURNED: Final = "P5"  # the same of 回流


@cache
def situation(code: str) -> str:
    """What the regulation calls this situation, shortened."""
    rows = csv.DictReader(io.StringIO(catalogue.read("regulation2025-violations").decode("utf-8")))
    return next(row["situation"] for row in rows if row["code"] == code)

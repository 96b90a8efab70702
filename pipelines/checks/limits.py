"""How much a check may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Per statement: seconds before PostgreSQL ends it, and memory per sort or hash table (PostgreSQL's unit suffix).

    ``listed_rows`` bounds the list of failing rows a provider is given; the counts are of all.
    """

    statement_seconds: int = 900
    work_mem: str = "64MB"
    listed_rows: int = 10_000

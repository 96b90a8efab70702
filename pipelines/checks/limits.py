"""How much a check may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Per statement: seconds before PostgreSQL ends it, memory per sort or hash table (PostgreSQL's suffixes)."""

    statement_seconds: int = 900
    work_mem: str = "64MB"

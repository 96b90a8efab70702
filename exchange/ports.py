"""What the exchange needs from others: somebody who checks rows. ``pipelines.checks`` is the real one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from psycopg2 import sql

from metadata.quality import CheckReport, Place, Rule


@dataclass(frozen=True)
class CheckSubject:
    """The rows to check: a SELECT that gives exactly the item fields as columns, and the snapshot to see it in.

    ``dsn`` is a libpq connection string or URL; ``snapshot_id`` what ``pg_export_snapshot()`` gave in a transaction
    that is still open (None: the newest committed state). ``key`` are the key's fields, by which rows are named to the
    provider.
    """

    dsn: str = field(repr=False)  # it holds a password
    snapshot_id: str | None
    relation: sql.Composable
    rules: tuple[Rule, ...]
    key: tuple[str, ...]
    place: Place
    subject: str


def _settled() -> None:
    """Nothing else has to be waited for."""


@dataclass(frozen=True)
class Checked:
    """What checking gave.

    ``reasons`` are the ids of the rules by which rows stay behind, each with a boolean expression over the alias ``r``
    of the subject's relation, true for the rows that break it (never NULL). They hold for the subject's snapshot only.
    ``holds`` are the rules by which nothing may go on.

    ``settle`` waits for what else has to agree, and raises as ``Checker.check`` where it does not. Rows may be read and
    sealed before that; nothing sealed is kept, and nothing counts as checked, until it has returned.
    """

    report: CheckReport
    reasons: tuple[tuple[str, sql.Composable], ...]
    holds: tuple[str, ...]
    settle: Callable[[], None] = field(default=_settled, compare=False)

    @property
    def set_aside(self) -> sql.Composable | None:
        """True for the rows that stay behind, for whichever reason; None: all rows go."""
        if not self.reasons:
            return None
        return sql.SQL("({})").format(sql.SQL(" OR ").join(broken for _, broken in self.reasons))


class Checker(Protocol):
    """Checks a subject's rows by its rules. A check that cannot be carried out raises; it never passes."""

    def check(self, subject: CheckSubject) -> Checked: ...

"""What one look at a mount gave, before it becomes a ``Probe``; and the columns that a file or service shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from metadata.probe import ChangeSource


@dataclass(frozen=True)
class Seen:
    """What is there. ``columns`` maps names to types (an empty type is not known); None: it has no columns to compare.

    ``counter`` is a number that grows with every change; its change since the last probe is a change of the data.
    """

    columns: Mapping[str, str] | None = None
    row_count: int | None = None
    size_bytes: int | None = None
    last_changed_at: datetime | None = None
    changed_by: ChangeSource | None = None
    counter: int | None = None

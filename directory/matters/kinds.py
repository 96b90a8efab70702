"""The kinds of matter there are, by their codes."""

from collections.abc import Mapping
from typing import Final

from directory.complaints.states import COMPLAINTS
from directory.corrections.states import CORRECTIONS
from directory.corrections.states import LATE as CORRECTION_LATE
from directory.matters.procedure import Procedure
from directory.objections.states import OBJECTIONS

PROCEDURES: Final[Mapping[str, Procedure]] = {each.kind: each for each in (CORRECTIONS, OBJECTIONS, COMPLAINTS)}
SITUATIONS: Final[Mapping[str, str]] = {"correction": CORRECTION_LATE}
"""Under which situation of the regulation a late one is filed; the regulation has none for the other kinds."""
ADDRESSES: Final[Mapping[str, str]] = {
    "correction": "/corrections",
    "objection": "/objections",
    "complaint": "/complaints",
}

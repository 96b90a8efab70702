"""Every kind of notice, put together from the features' own ``notices.py``."""

from collections.abc import Mapping
from typing import Final

from directory.access.notices import KINDS as ACCESS
from directory.bulletins.notices import KINDS as BULLETINS
from directory.delegations.notices import KINDS as DELEGATIONS
from directory.entrustments.notices import KINDS as ENTRUSTMENTS
from directory.lists.notices import KINDS as LISTS
from directory.matters.notices import KINDS as MATTERS
from directory.notices.kind import Kind
from directory.people.notices import KINDS as PEOPLE
from directory.reform.notices import KINDS as REFORM
from directory.reminders.notices import KINDS as REMINDERS
from directory.services.notices import KINDS as SERVICES
from directory.situations.notices import KINDS as SITUATIONS
from directory.unused.notices import KINDS as UNUSED

KINDS: Final[Mapping[str, Kind]] = {
    **ACCESS,
    **BULLETINS,
    **DELEGATIONS,
    **ENTRUSTMENTS,
    **LISTS,
    **MATTERS,
    **PEOPLE,
    **REFORM,
    **REMINDERS,
    **SERVICES,
    **SITUATIONS,
    **UNUSED,
}

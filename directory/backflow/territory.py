"""Who is below whom, which item says where a row is, and the rows of a territory. Pure."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from directory.errors import DirectoryError
from directory.organisations.models import LEVELS, Organisation
from metadata.access import RegionFilter
from metadata.resource import Item, Resource
from standards import regions, territory

_STANDARD: Final = re.compile(r"2260")
_NAME: Final = re.compile(r"区划")
_RANKS: Final = {level: rank for rank, level in enumerate((*LEVELS, "village"))}


def region_items(resource: Resource) -> Sequence[Item]:
    """The items by which rows can be told apart by region: those that cite GB/T 2260, then those called so."""
    cited = [item for item in resource.items if _STANDARD.search(f"{item.code_table} {item.data_element}")]
    named = [item for item in resource.items if _NAME.search(item.name) and item.type_code in ("C", "N")]
    return [*cited, *(item for item in named if item not in cited)]


def require_item(resource: Resource, field: str) -> Item:
    """The item of this field; without a field the first there is. Raises ``BACKFLOW_ITEM``, ``BACKFLOW_FILES``."""
    found = region_items(resource)
    chosen = next((item for item in found if field in ("", item.field)), None)
    if chosen is None:
        offered = "、".join(f"{item.name}（{item.field}）" for item in found) or "无"
        raise DirectoryError("BACKFLOW_ITEM", title=resource.title, item=field or "–", offered=offered)
    if not any(mount.kind == "table" for mount in resource.mounts):
        raise DirectoryError("BACKFLOW_FILES", title=resource.title)
    return chosen


def require_below(requester: Organisation, provider: Organisation, today: date) -> str:
    """The requester's region code, where it lies below the provider's and is of a lower level.

    By the codes' shape, and by the registered levels where there are any: a county may send a bureau to the city.
    Raises ``BACKFLOW_REGION`` for a code that is missing or does not hold today, ``BACKFLOW_NOT_BELOW``.
    """
    lower, upper = _region(requester, today), _region(provider, today)
    if not territory.is_below(lower, upper) or _rank(requester) <= _rank(provider):
        raise DirectoryError(
            "BACKFLOW_NOT_BELOW",
            requester=requester.name,
            lower=regions.label(lower),
            provider=provider.name,
            upper=regions.label(upper),
        )
    return lower


def rows_of(region_code: str, field: str, today: date) -> RegionFilter:
    """The filter that leaves a territory's own rows: its codes, and the abolished ones of what lies in it now."""
    return RegionFilter(field=field, prefixes=territory.prefixes(region_code, today))


def _region(organisation: Organisation, today: date) -> str:
    code = organisation.region_code
    if not code:
        raise DirectoryError(
            "BACKFLOW_REGION", org_name=organisation.name, why="还没有登记", why_en="none is registered"
        )
    wrong = regions.check(code, "region_code", today)
    if wrong:
        raise DirectoryError("BACKFLOW_REGION", org_name=organisation.name, why=wrong[0].zh, why_en=wrong[0].en)
    return code


def _rank(organisation: Organisation) -> int:
    return _RANKS[organisation.level or territory.level_of(organisation.region_code)]

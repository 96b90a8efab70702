"""A row filter in words. Pure."""

from collections.abc import Mapping

from metadata.access import RegionFilter, RowFilter, SinceFilter


def filter_words(chosen: RowFilter | None, names: Mapping[str, str]) -> str:
    """Which rows, never how many: the directory has no rows. ``names`` are the items' by field."""
    if chosen is None:
        return "全部行"
    name = names.get(chosen.field, chosen.field)
    if isinstance(chosen, RegionFilter):
        return f"“{name}”以 {'、'.join(chosen.prefixes)} 开头的行"
    if isinstance(chosen, SinceFilter):
        return f"“{name}”在 {chosen.since.isoformat()} 及以后的行"
    return f"“{name}”为 {'、'.join(chosen.values)} 的行"

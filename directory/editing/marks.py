"""Which fields publication needs, and by which article: asked of ``metadata.rules``, never written down twice. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from directory.editing.form import field_of
from metadata.resource import Resource
from metadata.rules import lacks

_NOTHING: Final[Mapping[str, Any]] = {"title": " ", "provider": {"name": " "}}
_CASES: Final[tuple[Mapping[str, Any], ...]] = (
    {},
    {"sharing": {"share_type": "unconditional"}},
    {"sharing": {"share_type": "conditional"}},
    {"sharing": {"share_type": "none"}},
    {"openness": {"is_open": True}},
    {"formats": [{"category": "数据库"}]},
    {"library": "geospatial"},
    {"library": "statistics"},
)
"""Entries that say nothing but this; what they lack is what the form asks for."""


@dataclass(frozen=True)
class Mark:
    """Whether publication stops without it, and the clause that asks for it."""

    is_required: bool
    clause: str


@cache
def marks() -> Mapping[str, Mark]:
    """The mark of each field or table that has one."""
    found: dict[str, Mark] = {}
    for case in _CASES:
        for finding in lacks(Resource.model_validate({**_NOTHING, **case})):
            name = field_of(finding.path)
            mark = Mark(finding.severity == "error", finding.clause)
            if name and (name not in found or mark.is_required > found[name].is_required):
                found[name] = mark
    return found

"""What browsers send with forms: of fields that nobody can declare, since they follow from what was shown; secrets."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import Request

from directory.limits import LIMITS

SECRET_FIELDS: Final = frozenset({"password", "current", "new", "again"})
"""Fields for passwords: no page says again what was typed into them."""


async def sent_fields(request: Request) -> Mapping[str, Sequence[str]]:
    """The texts of the form under their fields' names; whether it is forged was seen before."""
    form = await request.form(max_fields=LIMITS.form_field_count)
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return fields

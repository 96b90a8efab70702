"""What a browser sent with a form whose fields nobody can declare, since they follow from what was shown."""

from collections.abc import Mapping, Sequence

from fastapi import Request

from directory.limits import LIMITS


async def sent_fields(request: Request) -> Mapping[str, Sequence[str]]:
    """The texts of the form under their fields' names; whether it is forged was seen before."""
    form = await request.form(max_fields=LIMITS.form_field_count)
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return fields

"""A form that arrived after its session had ended: it stays in the sign-in form, and is given back afterwards.

Nothing of it is stored: the browser carries it from the refused page to the sign-in and on to the page that sends it
again, under the new session's token, when its reader presses the button.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Depends, Request

from directory.http.forged import sent_pairs
from directory.limits import LIMITS

PREFIX: Final = "kept:"

Kept = Sequence[tuple[str, str]]


async def _kept(request: Request) -> Kept:
    fields = await request.form(max_fields=LIMITS.form_field_count)
    return [
        (name.removeprefix(PREFIX), value)
        for name, value in fields.multi_items()
        if name.startswith(PREFIX) and isinstance(value, str)
    ]


KeptForm = Annotated[Kept, Depends(_kept)]


def kept_from(request: Request) -> Kept:
    """What a refused request sent from one of our pages; nothing where it sent no form, or files."""
    fields = getattr(request.state, "sent_form", None)
    pairs = [] if fields is None else sent_pairs(fields)
    typed = [(name, value) for name, value in pairs if isinstance(value, str)]
    return typed if len(typed) == len(pairs) else ()

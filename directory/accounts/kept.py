"""A form that arrived after its session had ended: it stays in the sign-in form, and is given back afterwards.

Nothing of it is stored: the browser carries it from the refused page to the sign-in and on to the page that sends it
again, under the new session's token, when its reader presses the button. A file is not carried: its name is, and that
page asks for the file anew. Of a form with a password nothing is carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from directory.http.forged import sent_pairs
from directory.http.sent import SECRET_FIELDS
from directory.limits import LIMITS

PREFIX: Final = "kept:"
FILE_PREFIX: Final = "kept-file:"

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """What was filled in, by field, and the names of the files that were chosen."""

    fields: Pairs = ()
    files: Pairs = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.files)

    def carried(self) -> Pairs:
        """The same as the sign-in form's own fields."""
        return [
            *((PREFIX + name, value) for name, value in self.fields),
            *((FILE_PREFIX + name, file_name) for name, file_name in self.files),
        ]


async def _kept(request: Request) -> Kept:
    sent = await request.form(max_fields=LIMITS.form_field_count)
    pairs = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    return Kept(_begun_with(PREFIX, pairs), _begun_with(FILE_PREFIX, pairs))


KeptForm = Annotated[Kept, Depends(_kept)]


def kept_from(request: Request) -> Kept:
    """What a refused request sent from one of our pages; nothing where it sent no form, or one with a password."""
    sent = getattr(request.state, "sent_form", None)
    pairs = [] if sent is None else sent_pairs(sent)
    if any(name in SECRET_FIELDS for name, _ in pairs):
        return Kept()
    return Kept(
        [(name, value) for name, value in pairs if isinstance(value, str)],
        [(name, value.filename or "") for name, value in pairs if not isinstance(value, str)],
    )


def _begun_with(prefix: str, pairs: Pairs) -> Pairs:
    return [(name.removeprefix(prefix), value) for name, value in pairs if name.startswith(prefix)]

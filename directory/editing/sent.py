"""What a browser sent with the form of an entry: its fields, and the page's own controls beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Self

from fastapi import Depends, Request

from directory.editing.form import Form
from directory.editing.layout import TABLES
from directory.http.forged import CSRF_FIELD
from directory.limits import LIMITS
from directory.typed import number_in

_CONTROLS: Final = frozenset(
    {CSRF_FIELD, "do", "version", "template", "provider", "key"}
    | {f"{control}:{path}" for path in TABLES for control in ("more", "paste", "replace")}
)


@dataclass(frozen=True)
class Sent:
    """The form and the controls. ``do`` is the button that was pressed."""

    form: Form
    controls: Mapping[str, str]

    @property
    def do(self) -> str:
        return self.controls.get("do", "save")

    @property
    def version(self) -> int:
        """The version the form was made of; 0, which no entry has, where it does not say."""
        return number_in(self.controls.get("version", "")) or 0

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Self:
        """Raises ``FORM_FIELD_UNKNOWN`` and ``FORM_ROWS_MANY``."""
        controls = {name: text for name, text in pairs if name in _CONTROLS}
        return cls(Form.sent(pair for pair in pairs if pair[0] not in _CONTROLS), controls)


async def sent(request: Request) -> Sent:
    """The body as a form; whether it is forged was seen before."""
    fields = await request.form(max_fields=LIMITS.form_field_count)
    return Sent.of([(name, value) for name, value in fields.multi_items() if isinstance(value, str)])


SentForm = Annotated[Sent, Depends(sent)]

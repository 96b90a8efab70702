"""What a browser sent with a form whose fields follow from the file: one a column, one a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from directory.errors import DirectoryError
from directory.http.sent import sent_fields
from directory.imports.mapping import Choice
from directory.imports.repairs import CellChoice
from directory.typed import number_in
from metadata.formats.column_mapping import ColumnMapping

_MOST_CHARACTERS: Final = 32_767


@dataclass(frozen=True)
class Sent:
    """The fields by name, each with what was sent under it."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        return self.fields.get(name, ("",))[-1]

    @property
    def page(self) -> int:
        """The page of the list that the form stands on."""
        return number_in(self.one("page"), digits=5) or 1

    def numbers(self, name: str) -> list[int]:
        """The numbers sent under a name; what is none of ours is refused as ``IMPORT_CELL_UNKNOWN``."""
        return [_number(each) for each in self.fields.get(name, ())]

    def choices(self, mapping: ColumnMapping) -> list[Choice]:
        """What each column of the mapping was said to be: fields ``column-0-3``, sheet and column by their place."""
        sheets = {header.sheet: place for place, header in enumerate(mapping.headers)}
        found = []
        for each in mapping.columns:
            name = f"column-{sheets[each.sheet]}-{each.index}"
            if name in self.fields:
                found.append(Choice(each.sheet, each.index, self.one(name)[:40]))
        return found

    def cells(self) -> list[CellChoice]:
        """What was ticked (``pick``) and typed (``after-17``, beside ``was-17``) of the cells shown (``cell``)."""
        picked = set(self.numbers("pick"))
        found = []
        for number in self.numbers("cell"):
            text = self.one(f"after-{number}")[:_MOST_CHARACTERS].strip()
            typed = text if text != self.one(f"was-{number}") else None
            found.append(CellChoice(number, number in picked, typed))
        return found


async def sent(request: Request) -> Sent:
    """The body as such a form."""
    return Sent(await sent_fields(request))


SentForm = Annotated[Sent, Depends(sent)]


def _number(text: str) -> int:
    number = number_in(text)
    if number is None:
        raise DirectoryError("IMPORT_CELL_UNKNOWN", number=text[:20])
    return number

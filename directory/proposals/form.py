"""The form of a proposal: what it shows at first, what a browser sent, and the choice in it. Nothing typed is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from pydantic import ValidationError

from directory.limits import LIMITS
from directory.proposals.choice import Choice
from directory.typed import number_in
from metadata.proposal import Guess, Proposal

_COLUMNS: Final = ("name", "type_code", "sensitivity", "base_item", "code_table", "data_element")


@dataclass(frozen=True)
class Row:
    """One column of the table as the form has it; ``guesses`` are what was concluded, by field of the item."""

    field: str
    sql_type: str
    is_included: bool
    values: Mapping[str, str]
    guesses: Mapping[str, Guess]


@dataclass(frozen=True)
class ProposalForm:
    """The whole form: heads and rows."""

    heads: Mapping[str, str]
    rows: Sequence[Row]

    def choice(self) -> Choice | dict[str, str]:
        """What was chosen, or a sentence for each field that cannot be read (by its name in the form)."""
        items = [
            {"field": row.field, "is_included": row.is_included}
            | dict(row.values)
            | {"sensitivity": number_in(row.values["sensitivity"]) or 0}
            for row in self.rows
        ]
        given = {"title": self.heads["title"], "library": self.heads["library"] or None, "items": items}
        try:
            return Choice.model_validate(given | {"share_type": self.heads["share_type"]})
        except ValidationError as error:
            return {_name(each["loc"]): _sentence(_name(each["loc"])) for each in error.errors()}


def drafted(proposal: Proposal) -> ProposalForm:
    """The form as the proposal fills it; the share type is for the person to choose."""
    heads = {"title": proposal.draft.title, "library": proposal.draft.library or "", "share_type": "", "reason": ""}
    types = {column.field: column.sql_type for mount in proposal.draft.mounts for column in mount.columns}
    guesses = _by_item(proposal)
    rows = [
        Row(
            field=item.field,
            sql_type=types.get(item.field, ""),
            is_included=True,
            values={name: str(getattr(item, name)) for name in _COLUMNS},
            guesses=guesses.get(number, {}),
        )
        for number, item in enumerate(proposal.draft.items)
    ]
    return ProposalForm(heads, rows)


def filled(proposal: Proposal, sent: Mapping[str, str]) -> ProposalForm:
    """The form with what was sent; a column that the sender's form did not have stays as drafted."""
    plain = drafted(proposal)
    rows = [
        Row(
            field=row.field,
            sql_type=row.sql_type,
            is_included=f"keep:{row.field}" in sent,
            values={name: sent.get(f"{name}:{row.field}", row.values[name]).strip() for name in _COLUMNS},
            guesses=row.guesses,
        )
        if f"name:{row.field}" in sent
        else row
        for row in plain.rows
    ]
    return ProposalForm({name: sent.get(name, value) for name, value in plain.heads.items()}, rows)


async def sent_form(request: Request) -> Mapping[str, str]:
    """The body's texts by name; a name sent twice counts by its last. Browsers send a line break in a name as CRLF."""
    fields = await request.form(max_fields=LIMITS.form_field_count)
    return {name.replace("\r\n", "\n"): value for name, value in fields.multi_items() if isinstance(value, str)}


SentForm = Annotated[Mapping[str, str], Depends(sent_form)]


def _by_item(proposal: Proposal) -> dict[int, dict[str, Guess]]:
    found: dict[int, dict[str, Guess]] = {}
    for guess in proposal.guesses:
        head, _, field = guess.path.partition("].")
        if head.startswith("items[") and field:
            found.setdefault(int(head[6:]), {})[field] = guess
    return found


def _name(place: Sequence[int | str]) -> str:
    if place and place[0] == "items" and len(place) > 2:
        return f"items[{place[1]}].{place[2]}"
    return str(place[0]) if place else ""


def _sentence(name: str) -> str:
    if name == "share_type":
        return "请选定共享类型：系统不代为决定"
    return "填写的内容不在可选范围或过长"

"""What a browser sent of an act: a field for each thing that somebody chose a successor for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import ValidationError

from directory.errors import DirectoryError
from directory.http.sent import sent_fields
from directory.reform.choice import Choice
from directory.typed import day_in, id_in

ENTRY, NODE, PERSON = "entry:", "node:", "person:"
ALSO: Final = "also:"
"""Before the name of a list of departments: those that were chosen where this kind of act has room for one."""
REST: Final = "rest_was"
"""To whom the rest went when the choices were shown: a thing that is with them was not chosen for anybody."""
_LABELS: Final = {
    "organisations": "所涉部门",
    "effective_on": "生效日期",
    "basis": "依据",
    "words": "说明",
    "name": "新名称",
    "short_name": "新简称",
}


@dataclass(frozen=True)
class Sent:
    """The fields by name, each with what was sent under it."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        return self.fields.get(name, ("",))[-1].strip()

    def all(self, name: str) -> list[str]:
        """What was sent under a name, blanks left out."""
        return [each.strip() for each in self.fields.get(name, ()) if each.strip()]

    @classmethod
    def of(cls, choice: Choice) -> "Sent":
        """What a browser would have sent of it."""
        typed = {name: [str(getattr(choice, name))] for name in ("kind", "name", "short_name", "effective_on")}
        typed |= {"basis": [choice.basis], "words": [choice.words], "default_successor": [choice.default_successor]}
        typed |= {"organisations": [*choice.organisations], "successors": [*choice.successors]}
        chosen = ((ENTRY, choice.entries), (NODE, choice.nodes), (PERSON, choice.people))
        return cls(typed | {f"{prefix}{name}": [to_org] for prefix, those in chosen for name, to_org in those.items()})

    def chosen(self, shown: Collection[str]) -> Mapping[str, str]:
        """The successors that were chosen one by one, by their fields, but for those fields that are ``shown``."""
        names = (name for name in self.fields if name.startswith((ENTRY, NODE, PERSON)) and name not in shown)
        return {name: self.one(name) for name in names}

    def become(self, kind: str) -> "Sent":
        """The same form for another kind of act: what only other kinds ask for waits, unseen."""
        lists = {name: [*self.all(name), *self.all(ALSO + name)] for name in ("organisations", "successors")}
        joined = {name: list(dict.fromkeys(codes)) for name, codes in lists.items()}
        return Sent({**self.fields, **joined, **{ALSO + name: [] for name in lists}, "kind": [kind]})

    def choice(self) -> Choice:
        """The act; raises ``REFORM_INVALID`` naming the field that does not fit."""
        kind = self.one("kind")
        typed: dict[str, Any] = {
            "kind": kind,
            "organisations": self.all("organisations"),
            "effective_on": day_in(self.one("effective_on")),
            "basis": self.one("basis"),
            "words": self.one("words"),
        }
        if kind == "rename":
            typed |= {"name": self.one("name"), "short_name": self.one("short_name")}
        else:
            chosen = {"entries": self._chosen(ENTRY), "nodes": self._chosen(NODE), "people": self._chosen(PERSON)}
            rest = self.one("default_successor") if kind == "split" else ""
            typed |= {"successors": self.all("successors"), "default_successor": rest} | chosen
        try:
            return Choice.model_validate(typed)
        except ValidationError as error:
            names = dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_input=False))
            fields = "、".join(_LABELS.get(name, name) for name in names)
            raise DirectoryError("REFORM_INVALID", reason=f"{fields}没有填或不合要求") from None

    def _chosen(self, prefix: str) -> dict[str, str]:
        """Of what was shown; something whose choice is the default one need not be said: it follows another default."""
        rest = self.one(REST)
        fields = [name for name in self.fields if name.startswith(prefix) and not (rest and self.one(name) == rest)]
        found = {name.removeprefix(prefix): self.one(name) for name in fields}
        if prefix == ENTRY:
            return {name: to_org for name, to_org in found.items() if to_org and id_in(name)}
        return found if prefix == PERSON else {name: to_org for name, to_org in found.items() if to_org}


async def sent(request: Request) -> Sent:
    """The body as such a form."""
    return Sent(await sent_fields(request))


SentForm = Annotated[Sent, Depends(sent)]

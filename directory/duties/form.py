"""The form in which a change is reported: text as it was typed, and what is wrong with it by field."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from fastapi import Form
from pydantic import BaseModel, ConfigDict

from directory.duties.report import Reported
from directory.duties.states import KINDS
from directory.limits import LIMITS
from directory.typed import day_in, lengths

Faults = Mapping[str, str]

FIELD_OF: Final[Mapping[str, str]] = {
    "DUTY_DAY_INVALID": "changed_on",
    "DUTY_ENTRIES_INVALID": "refs",
    "RESOURCE_NOT_FOUND": "refs",
}
"""Which field a refusal of ``report`` is about."""

_LONGEST: Final = {"title": 200, "article": 100, "description": 2000}


class ChangeForm(BaseModel):
    """The form as it was sent; ``refs`` are the ticked entries."""

    model_config = ConfigDict(frozen=True)

    org: Annotated[str, Form()] = ""
    kind: Annotated[str, Form()] = "law"
    title: Annotated[str, Form()] = ""
    article: Annotated[str, Form()] = ""
    description: Annotated[str, Form()] = ""
    changed_on: Annotated[str, Form()] = ""
    refs: Annotated[list[str], Form()] = []


def to_reported(form: ChangeForm) -> Reported | Faults:
    """What was typed as a report, or a sentence for every field that is wrong."""
    faults: dict[str, str] = {}
    if form.kind not in KINDS:
        faults["kind"] = "请选择哪一类变化"
    if not form.title.strip():
        faults["title"] = "请写明变化的法律、法规、决定或职责"
    faults |= lengths(form, _LONGEST)
    changed_on = day_in(form.changed_on)
    if changed_on is None:
        faults["changed_on"] = "请填写施行或变化之日，如 2026-03-01"
    if not form.refs:
        faults["refs"] = "请至少勾选一条受影响的目录"
    elif len(form.refs) > LIMITS.batch_count:
        faults["refs"] = f"一次最多 {LIMITS.batch_count} 条"
    if faults or changed_on is None:
        return faults
    kind: Literal["law", "duty"] = "law" if form.kind == "law" else "duty"
    return Reported(kind, form.title, form.article, form.description, changed_on, form.refs)

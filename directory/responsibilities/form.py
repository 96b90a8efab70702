"""The forms of responsibilities: text as it was typed, and what is wrong with it by field."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Form
from pydantic import BaseModel, ConfigDict

from directory.responsibilities.take import Assigned
from directory.typed import DAY_WANTED, day_in, id_in, lengths, number_in

Faults = Mapping[str, str]
_LONGEST: Final = {"name": 200, "basis": 300, "org": 32}


class AssignForm(BaseModel):
    """Naming a responsible department; ``demand`` and ``number`` say for which item of which demand."""

    model_config = ConfigDict(frozen=True)

    demand: Annotated[str, Form()] = ""
    number: Annotated[str, Form()] = ""
    org: Annotated[str, Form()] = ""
    name: Annotated[str, Form()] = ""
    basis: Annotated[str, Form()] = ""
    due_on: Annotated[str, Form()] = ""


class StepForm(BaseModel):
    """A step of a responsibility."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form()] = ""
    why: Annotated[str, Form()] = ""
    entry: Annotated[str, Form()] = ""


def to_assigned(form: AssignForm) -> Assigned | Faults:
    """What was typed, or a sentence for every field that is wrong."""
    faults = lengths(form, _LONGEST)
    demand = id_in(form.demand)
    due_on = day_in(form.due_on)
    if not form.org.strip():
        faults["org"] = "请选择责任部门"
    if not form.name.strip() and demand is None:
        faults["name"] = "请写要编目的数据"
    if not form.basis.strip():
        faults["basis"] = "请写职责依据"
    if due_on is None:
        faults["due_on"] = DAY_WANTED
    if faults or due_on is None:
        return faults
    at = number_in(form.number) or 0 if demand else None
    return Assigned(form.org.strip(), form.name, form.basis, due_on, demand, at)

"""The forms of demands: text as it was typed, and what is wrong with it by field."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Form
from pydantic import BaseModel, ConfigDict

from directory.demands.raising import Needed, Raised
from directory.typed import DAY_WANTED, day_in, lengths

Faults = Mapping[str, str]
_LONGEST: Final = {"title": 200, "service": 200, "purpose": 2000, "law_title": 200, "law_article": 100, "items": 60_000}
_LINE: Final = re.compile(r"[：:\t]")
_NAME, _DESCRIPTION = 200, 2000


class DemandForm(BaseModel):
    """A demand; ``items`` one a line, after a colon what exactly is meant."""

    model_config = ConfigDict(frozen=True)

    title: Annotated[str, Form()] = ""
    service: Annotated[str, Form()] = ""
    purpose: Annotated[str, Form()] = ""
    law_title: Annotated[str, Form()] = ""
    law_article: Annotated[str, Form()] = ""
    needed_by: Annotated[str, Form()] = ""
    items: Annotated[str, Form()] = ""


class ActForm(BaseModel):
    """What is done with a demand or one of its items. ``choice`` is an entry and a field name parted by a bar."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form()] = ""
    number: Annotated[str, Form()] = ""
    choice: Annotated[str, Form()] = ""
    request_id: Annotated[str, Form()] = ""
    why: Annotated[str, Form()] = ""


def to_raised(form: DemandForm) -> Raised | Faults:
    """What was typed as a demand, or a sentence for every field that is wrong."""
    faults = lengths(form, _LONGEST)
    for name, words in (
        ("title", "请写需求名称"),
        ("service", "请写用于哪项服务或业务"),
        ("purpose", "请写用途"),
        ("law_title", "请写法律依据"),
        ("items", "请列出所需数据项，一行一个"),
    ):
        if not getattr(form, name).strip():
            faults[name] = words
    needed_by = day_in(form.needed_by)
    if needed_by is None:
        faults["needed_by"] = DAY_WANTED
    items = [_needed(line) for line in form.items.splitlines() if line.strip()]
    if any(len(each.name) > _NAME or len(each.description) > _DESCRIPTION for each in items):
        faults["items"] = f"每个数据项的名称最多 {_NAME} 个字，口径最多 {_DESCRIPTION} 个字"
    if faults or needed_by is None:
        return faults
    return Raised(form.title, form.service, form.purpose, form.law_title, form.law_article, needed_by, items)


def _needed(line: str) -> Needed:
    name, *rest = _LINE.split(line.strip(), maxsplit=1)
    return Needed(name.strip(), rest[0].strip() if rest else "")

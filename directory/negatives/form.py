"""The forms of the negative list: text as it was typed, and what is wrong with it by field."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Form
from pydantic import BaseModel, ConfigDict

from directory.negatives.keep import Proposed
from directory.typed import DAY_WANTED, day_in, lengths

Faults = Mapping[str, str]
FIELD_OF: Final[Mapping[str, str]] = {"NEGATIVE_BASIS": "law_title", "RESOURCE_NOT_FOUND": "entry"}
_LONGEST: Final = {
    "title": 200,
    "law_title": 200,
    "law_article": 100,
    "why": 2000,
    "entry": 100,
    "org": 32,
    "items": 40_000,
}
_PARTS: Final = re.compile(r"[\n、，,;；]")
EVERYBODY: Final = "*"


class NegativeForm(BaseModel):
    """A proposal; ``org`` is ``*`` for every department."""

    model_config = ConfigDict(frozen=True)

    title: Annotated[str, Form()] = ""
    covers: Annotated[str, Form()] = "share"
    org: Annotated[str, Form()] = ""
    entry: Annotated[str, Form()] = ""
    items: Annotated[str, Form()] = ""
    law_title: Annotated[str, Form()] = ""
    law_article: Annotated[str, Form()] = ""
    why: Annotated[str, Form()] = ""
    since: Annotated[str, Form()] = ""
    until: Annotated[str, Form()] = ""


class DecisionForm(BaseModel):
    """A decision on a proposal, or taking an entry off."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form()] = ""
    why: Annotated[str, Form()] = ""


def to_proposed(form: NegativeForm, own: str) -> Proposed | Faults:
    """What was typed as a proposal, or a sentence for every wrong field; ``own`` where no department is said."""
    faults = lengths(form, _LONGEST)
    since, until = day_in(form.since), day_in(form.until)
    for name, value in (("since", since), ("until", until)):
        if value is None:
            faults[name] = DAY_WANTED
    if not form.title.strip():
        faults["title"] = "请写名称"
    if not form.law_title.strip() or not form.law_article.strip():
        faults["law_title"] = "须写明法律、行政法规或国务院决定及其条款，否则不能列入（条例第十四条）"
    if not form.items.strip() and not form.entry.strip():
        faults["items"] = "请列出数据项，或写明是哪条目录"
    if faults or since is None or until is None:
        return faults
    return Proposed(
        title=form.title,
        covers=form.covers,
        law_title=form.law_title,
        law_article=form.law_article,
        since=since,
        until=until,
        ref=form.entry.strip(),
        items=[each for each in _PARTS.split(form.items) if each.strip()],
        org_code="" if form.org == EVERYBODY else form.org.strip() or own,
        reason=form.why,
    )

"""What a person chose of a proposal, and the record that follows from it. Pure."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from metadata.proposal import Proposal
from metadata.resource import Item, Resource, Sensitivity, ShareType, TypeCode
from standards.codes import is_table
from standards.findings import Finding

_RULE: Final = "proposal.choice"
_CLAUSE: Final = "本系统反向编目规则"
# A length belongs to the letter that the type gave it; another letter has its own.
_OF_THE_TYPE: Final = ("length", "precision")


class ItemChoice(BaseModel):
    """One column as the person wants it; ``is_included`` false leaves it out of the entry and of its mount."""

    model_config = ConfigDict(extra="forbid")

    field: Annotated[str, Field(max_length=63)]
    is_included: StrictBool = True
    name: Annotated[str, Field(max_length=200)]
    type_code: TypeCode
    sensitivity: Sensitivity
    base_item: Annotated[str, Field(max_length=100)] = ""
    code_table: Annotated[str, Field(max_length=100)] = ""
    data_element: Annotated[str, Field(max_length=100)] = ""


class Choice(BaseModel):
    """Everything the person decides. Items not named stay as they were drafted; the share type is never drafted."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=500)]
    library: Annotated[str, Field(max_length=32)] | None = None
    share_type: ShareType
    items: Annotated[tuple[ItemChoice, ...], Field(max_length=1600)] = ()


def apply(proposal: Proposal, choice: Choice) -> Resource | list[Finding]:
    """The record to register, or what is wrong with the choice; paths are those of the proposal's draft."""
    draft = proposal.draft
    chosen = {each.field: each for each in choice.items}
    known = {item.field for item in draft.items}
    findings = [
        _finding("items", f"这张表没有列“{name}”", f"no column {name!r}") for name in chosen if name not in known
    ]
    kept: list[Item] = []
    for number, item in enumerate(draft.items):
        one = chosen.get(item.field)
        if one is not None and not one.is_included:
            continue
        changed = item if one is None else _changed(item, one, number, findings)
        if changed is not None:
            kept.append(changed)
    if not choice.title.strip():
        findings.append(_finding("title", "请填写资源名称", "the title is missing"))
    if not kept and not findings:
        findings.append(_finding("items", "至少保留一个数据项", "no item is left"))
    if findings:
        return findings
    return _record(draft, choice, kept)


def _record(draft: Resource, choice: Choice, items: Sequence[Item]) -> Resource | list[Finding]:
    fields = {item.field for item in items}
    mounts = [
        mount.model_copy(update={"columns": tuple(each for each in mount.columns if each.field in fields)})
        for mount in draft.mounts
    ]
    changes: dict[str, Any] = {
        "title": choice.title.strip(),
        "library": choice.library or None,
        "sharing": draft.sharing.model_copy(update={"share_type": choice.share_type}),
        "items": tuple(items),
        "mounts": tuple(mounts),
    }
    try:
        return Resource.model_validate(draft.model_copy(update=changes).model_dump())
    except ValidationError as error:
        places = [".".join(str(part) for part in each["loc"]) for each in error.errors()]
        return [_finding(place.split(".")[0], "填写的内容不合规", "malformed") for place in places]


def _changed(item: Item, one: ItemChoice, number: int, findings: list[Finding]) -> Item | None:
    path = f"items[{number}]"
    if not one.name.strip():
        findings.append(_finding(f"{path}.name", "请填写数据项名称", "the item's name is missing"))
        return None
    if one.code_table and not is_table(one.code_table):
        zh, en = f"没有名为“{one.code_table}”的代码表", f"there is no code table {one.code_table!r}"
        findings.append(_finding(f"{path}.code_table", zh, en))
        return None
    changes: dict[str, Any] = one.model_dump(exclude={"field", "is_included"}) | {"name": one.name.strip()}
    if one.type_code != item.type_code:
        changes |= dict.fromkeys(_OF_THE_TYPE)
    return item.model_copy(update=changes)


def _finding(path: str, zh: str, en: str) -> Finding:
    return Finding(path=path, rule=_RULE, severity="error", zh=zh, en=en, clause=_CLAUSE)

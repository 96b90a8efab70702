"""The request form as somebody filled it in: what they typed, the request it makes, and which field is at fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Self

from pydantic import BaseModel, ValidationError

from directory.access.said import BAR
from metadata.access import AccessRequest
from metadata.row_filters import values_of

_SEPARATORS = re.compile(r"[\s,，;；、]+")
_LINES = re.compile(r"[\r\n]+")

SENTENCES: Final[Mapping[str, str]] = {
    "items": "请至少选一个数据项",
    "filter": "请写明筛选条件：区划代码前缀为 2 至 12 位数字，取值每个不超过 200 字，最多 1000 个",
    "basis": "请写明使用依据：法律法规或三定规定的名称和条款，2 至 2000 字",
    "scenario": "请写明使用场景：拿来做什么，2 至 2000 字",
    "scope": "请写明使用范围：哪些人、哪个系统使用，2 至 2000 字",
    "frequency": "请从所列频次中选择",
    "valid_until": "请填写使用时限，格式如 2027-12-31",
    "statement": "请阅读并勾选承诺（条例第二十条）",
}
"""What is said beside a field whose content cannot be a request's."""

FIELD_OF_CODE: Final[Mapping[str, str]] = {
    "STATEMENT_UNSIGNED": "statement",
    "TERM_PAST": "valid_until",
    "DAY_FAR": "valid_until",
    "RENEWAL_DAY": "valid_until",
    "ITEM_UNKNOWN": "items",
    "ITEM_TWICE": "items",
    "NOT_MOUNTED": "items",
    "FILES_WHOLE": "items",
    "FILES_UNFILTERED": "filter",
    "FILTER_ITEM_UNKNOWN": "filter",
    "FILTER_ITEM_NOT_ASKED": "filter",
    "FILTER_NOT_EVERYWHERE": "filter",
    "FILTER_VALUE": "filter",
    "FILTER_NOT_OFFERED": "filter",
    "COMMENT_REQUIRED": "reason",
    "FORM_TEXT_LONG": "reason",
}
"""Beside which field a refusal belongs; one that is not here stands at the head of the form."""

_FIELD_OF_PART = {"row_filter": "filter"}


class RequestForm(BaseModel):
    """The fields as they were sent. ``filter_values`` holds several, parted by lines (or commas for codes). ``reason``
    is why a use in force is to be changed.
    """

    resource: str = ""
    reason: str = ""
    items: list[str] = []
    basis: str = ""
    scenario: str = ""
    scope: str = ""
    frequency: str = "daily"
    valid_until: str = ""
    filter_offer: str = ""
    filter_template: Literal["", "region", "equals", "since"] = ""
    filter_field: str = ""
    filter_values: str = ""
    statement: str = ""

    @classmethod
    def of(cls, asked: AccessRequest) -> Self:
        """The form that would make this request; the promise has to be made anew."""
        chosen = asked.row_filter
        values: tuple[str, ...] = ()
        if chosen is not None:
            values = values_of(chosen)
        return cls(
            resource=asked.resource,
            items=list(asked.items),
            basis=asked.basis,
            scenario=asked.scenario,
            scope=asked.scope,
            frequency=asked.frequency,
            valid_until=asked.valid_until.isoformat(),
            filter_template=chosen.template if chosen else "",
            filter_offer=f"{chosen.template}{BAR}{chosen.field}" if chosen else "",
            filter_field=chosen.field if chosen else "",
            filter_values="\n".join(values),
        )


@dataclass(frozen=True)
class Faults:
    """Sentences by field, and those about the whole, each with its code and what to do next."""

    fields: Mapping[str, str] = field(default_factory=dict)
    general: tuple[Mapping[str, object], ...] = ()


def to_request(form: RequestForm) -> AccessRequest | Faults:
    """The request, or every field that keeps it from being one."""
    values: dict[str, object] = {
        "resource": form.resource,
        "items": tuple(form.items),
        "basis": form.basis.strip(),
        "scenario": form.scenario.strip(),
        "scope": form.scope.strip(),
        "frequency": form.frequency,
        "valid_until": form.valid_until.strip(),
        "row_filter": _row_filter(form),
        "statement": bool(form.statement),
    }
    try:
        asked = AccessRequest.model_validate(values)
    except ValidationError as error:
        said = sentences(error)
        if not form.statement:
            said["statement"] = SENTENCES["statement"]
        return Faults({name: said[name] for name in SENTENCES if name in said})
    return asked


def sentences(error: ValidationError) -> dict[str, str]:
    """What is said beside each field that pydantic found at fault; of a text that is too long how long it is."""
    found: dict[str, str] = {}
    for each in error.errors():
        name = _FIELD_OF_PART.get(str(each["loc"][0]), str(each["loc"][0]))
        if each["type"] == "string_too_long" and len(each["loc"]) == 1:
            found[name] = f"最长 {each['ctx']['max_length']} 个字，现在是 {len(each['input'])} 个；请缩短"
        elif name in SENTENCES:
            found[name] = SENTENCES[name]
    return found


def faults_of(problem: Mapping[str, object]) -> Faults:
    """A refusal (RFC 9457 problem) as what to show: beside its field, or at the head."""
    name = FIELD_OF_CODE.get(str(problem["code"]))
    if name is None:
        return Faults(general=(problem,))
    return Faults({name: f"{problem['detail']}。{problem['next_step']}"})


def _row_filter(form: RequestForm) -> dict[str, object] | None:
    template, _, field_name = form.filter_offer.partition(BAR)  # one of those the provider offers
    template, field_name = template or form.filter_template, field_name or form.filter_field
    if not template:
        return None
    chosen: dict[str, object] = {"template": template, "field": field_name}
    if template == "region":
        chosen["prefixes"] = tuple(part for part in _SEPARATORS.split(form.filter_values) if part)
    elif template == "since":
        chosen["since"] = form.filter_values.strip()
    else:  # a value may hold commas and blanks; only lines part them
        chosen["values"] = tuple(line for line in _LINES.split(form.filter_values) if line)
    return chosen

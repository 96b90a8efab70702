"""What somebody says with a step: words, and what the step itself asks for."""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.access.names import ACT_NAMES
from directory.access.states import Act
from directory.errors import DirectoryError

Words = Annotated[str, Field(max_length=2000)]


BAR: Final = "|"
"""Parts an item's field from what is said of it, in values of forms."""


class Part(StrEnum):
    """What of a request can be found missing: the fields of Article 20, and papers that come with it."""

    ITEMS = "items"
    ROW_FILTER = "row_filter"
    BASIS = "basis"
    SCENARIO = "scenario"
    SCOPE = "scope"
    FREQUENCY = "frequency"
    VALID_UNTIL = "valid_until"
    PAPERS = "papers"


PART_NAMES: Final = {
    Part.ITEMS: "数据项",
    Part.ROW_FILTER: "行范围",
    Part.BASIS: "使用依据",
    Part.SCENARIO: "使用场景",
    Part.SCOPE: "使用范围",
    Part.FREQUENCY: "频次",
    Part.VALID_UNTIL: "使用时限",
    Part.PAPERS: "附件材料",
}


def parts_named(words: str, names: Mapping[Part, str] = PART_NAMES) -> frozenset[Part]:
    """The parts that these words name. Where one name stands within another, the longer one is meant."""
    longest_first = sorted(names.values(), key=len, reverse=True)
    found = set(re.findall("|".join(map(re.escape, longest_first)), words))
    return frozenset(part for part, name in names.items() if name in found)


class RefusedItem(BaseModel):
    """A data item that is not agreed to, by its field, with a reason that the entry declares or the law gives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Words


RefusedItems = Annotated[tuple[RefusedItem, ...], Field(max_length=2000)]


class Disposal(BaseModel):
    """What a disposal certificate says: which copies, how and when they were disposed of, by whom, who watched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    way: Annotated[str, Field(min_length=1, max_length=20)]
    carried_out_on: date
    carried_out_by: Annotated[str, Field(min_length=2, max_length=100)]
    witnessed_by: Annotated[str, Field(min_length=2, max_length=100)]
    covers: Annotated[str, Field(min_length=2, max_length=2000)]


class Said(BaseModel):
    """``reason`` is a refusal's, word for word one the entry declares or the law gives; or the way of disposal asked.

    ``days`` are the working days asked for with ``extension_asked``; ``missing`` what a supplement notice lists;
    ``refused_items`` what an agreement leaves out; ``until`` the last day for putting right (``suspended``) or for
    disposal (``disposal_asked``); ``certificate`` comes with ``disposed``; ``handed_to`` is the colleague's
    user name (``handed_over``). ``version`` is the text that was read: the
    step is refused where it is another one by now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    comment: Words = ""
    reason: Words = ""
    days: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    missing: Annotated[tuple[Part, ...], Field(max_length=8)] = ()
    refused_items: RefusedItems = ()
    until: date | None = None
    certificate: Disposal | None = None
    handed_to: Annotated[str, Field(max_length=64)] = ""
    version: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)] | None = None


NOTHING: Final = Said()
SAID_NAMES: Final = {
    "reason": "理由",
    "days": "工作日数",
    "missing": "缺少的各项",
    "refused_items": "不同意的数据项",
    "refused": "不同意的数据项",
    "until": "截止日期",
    "certificate": "处置证明",
    "way": "处置方式",
    "carried_out_on": "处置日期",
    "carried_out_by": "经办人",
    "witnessed_by": "监督人",
    "covers": "处置了哪些数据",
    "handed_to": "接办人",
}
"""What only some steps take, as people call it; also by its field of the page's form."""


def require_place(act: Act, takes: Mapping[str, AbstractSet[Act]], given: Iterable[str]) -> None:
    """Raise ``SAID_TOO_MUCH``, by name, for what was said with a step that has no place for it: nobody's words are
    passed over in silence.
    """
    strange = sorted(name for name in given if act not in takes[name])
    if strange:
        named = [f"{SAID_NAMES[name]}（{name}）" for name in strange]
        raise DirectoryError("SAID_TOO_MUCH", fields=named, fields_en=strange, act=ACT_NAMES[act])

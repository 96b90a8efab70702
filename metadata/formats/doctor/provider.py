"""Which department a row without one most likely belongs to."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Table

# A name that ends so is one of a system, with its version or phase after it.
_SYSTEM: Final = re.compile(
    r".+?(系统|平台|管理软件|应用软件|小程序|APP|门户|网站)"
    r"([（(]?v?[0-9]+(\.[0-9]+)*[)）]?|[（(]?[一二三四五六]期[)）]?)?",
    re.IGNORECASE | re.DOTALL,
)
_STORES: Final = ("信息库", "数据库")  # good names of data, but not of departments
_FORM_FIELD: Final = re.compile(
    r"(?:填报|提供|编制|报送|责任)(?:单位|部门)(?:名称)?\s*[(（]?[^:：]{0,6}[)）]?\s*[:：]\s*(\S{2,60})"
)
_FORM_TITLE: Final = re.compile(
    r"(\S{2,40}?(?:局|委|委员会|办公室|厅|中心|院|署|政府))(?:20[0-9]{2}年?度?)?(?:政务|公共)?(?:信息|数据)?资源目录"
)
_MOST_ROWS: Final = 3  # a department named that often is the sheet's


@dataclass(frozen=True)
class Likely:
    """A department's name, whether it can be no other, and why."""

    name: str
    is_certain: bool
    zh: str
    en: str


def is_system(text: str) -> bool:
    """Whether a name is one of an information system."""
    return _SYSTEM.fullmatch(text) is not None


def is_department(text: str, known: Known) -> bool:
    """Whether a name may be one of a department: the directory has it, or it is none of a system."""
    return bool(text) and (text in known.organisations or not (is_system(text) or text.endswith(_STORES)))


class Providers:
    """What a table's rows, its heading and the directory tell of the departments; counted once for all rows."""

    def __init__(self, table: Table, known: Known) -> None:
        self._known = known
        self._titles = table.column("title")
        self._departments = [each if is_department(each, known) else "" for each in table.column("provider")]
        self._above = list(accumulate(self._departments, _own_or_above))
        self._named = Counter(filter(None, self._departments))
        self._heading = _heading_provider(table, known)
        self._titled_count = sum(map(bool, self._titles))

    def likely(self, index: int) -> Likely | None:
        """The department of a row that does not say, None when nothing tells."""
        if len(self._known.organisations) == 1:
            (name,) = self._known.organisations
            return Likely(name, True, "这份表由该部门填报", "the sheet is this department's")
        above = self._departments[index - 1] if index else ""
        if above and self._titles[index] and self._titles[index] == self._titles[index - 1]:
            return Likely(above, True, "与上一行是同一目录", "the row above is of the same entry")
        if self._heading and set(self._named) <= {self._heading}:
            return Likely(self._heading, True, "表头上方写明了填报部门", "named above the header")
        if len(self._named) == 1:
            ((name, count),) = self._named.items()
            is_certain = count >= _MOST_ROWS and 2 * count > self._titled_count
            return Likely(name, is_certain, "本表只有这一个部门", "the only department in the sheet")
        if index and self._above[index - 1]:
            return Likely(self._above[index - 1], False, "按上一行的部门推定，请核对", "the row above; please check")
        zh, en = "按表头上方的部门推定，请核对", "named above the header; please check"
        return Likely(self._heading, False, zh, en) if self._heading else None


def _own_or_above(above: str, own: str) -> str:
    return own or above


def _heading_provider(table: Table, known: Known) -> str:
    """The one department that what stands above the header names; empty when none or several."""
    found = {name for name in known.organisations for text in table.heading if name in text}
    found = {name for name in found if not any(name != other and name in other for other in found)}
    if not found:
        matches = (_FORM_FIELD.search(text) or _FORM_TITLE.match(text) for text in table.heading)
        found = {match[1] for match in matches if match}
    return found.pop() if len(found) == 1 else ""

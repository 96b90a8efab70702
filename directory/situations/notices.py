"""What is told of a filed situation. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind


def _of(zh: str, en: str) -> Kind:
    return Kind(subject="situation", link="/situations/{id}", zh=zh, en=en)


KINDS: Final[Mapping[str, Kind]] = {
    "situation:filed": _of(
        "本部门被立案核查：{name}（{code}），请说明情况", "{code} was filed of your department: say what it was"
    ),
    "situation:answered": _of("情形 {code}（{name}）部门已答复，待办结", "the department answered about {code}"),
    "situation:closed": _of("情形 {code}（{name}）信息办已办结", "the office closed {code}"),
}

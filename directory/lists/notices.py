"""What is told of the three lists. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind


def _of_demand(zh: str, en: str) -> Kind:
    return Kind(subject="demand", link="/lists/demands/{id}", zh=zh, en=en)


def _owed(zh: str, en: str) -> Kind:
    return Kind(subject="responsibility", link="/lists/responsibilities/{id}", zh=zh, en=en)


def _listed(zh: str, en: str) -> Kind:
    return Kind(subject="negative", link="/lists/negatives/{id}", zh=zh, en=en)


KINDS: Final[Mapping[str, Kind]] = {
    "demand:catalogued": _of_demand(
        "需求“{title}”的“{name}”已由责任部门编目，发布后即可申请", "{name}, asked for in {title}, has been catalogued"
    ),
    "demand:raised": _of_demand(
        "{org}提出需求“{title}”，请看目录里有没有、由谁提供", "{org} raised the demand {title}"
    ),
    "negative:decided": _listed(
        "您建议的负面清单“{title}”信息办已决定", "the office decided on {title} of the negative list"
    ),
    "negative:proposed": _listed(
        "有人建议把“{title}”列入负面清单，请决定", "{title} is proposed for the negative list"
    ),
    "negative:removed": _listed("负面清单的“{title}”已移出", "{title} was taken off the negative list"),
    "responsibility:accepted": _owed("责任部门接受编目“{name}”", "the department accepts to catalogue {name}"),
    "responsibility:assigned": _owed(
        "信息办确定由贵部门在 {day} 前编目提供“{name}”，请接受或说明理由",
        "catalogue and provide {name} by {day}, or say why not",
    ),
    "responsibility:refused": _owed(
        "责任部门不接受编目“{name}”，请决定", "the department does not accept to catalogue {name}; please decide"
    ),
    "responsibility:released": _owed(
        "信息办解除了编目“{name}”的责任", "the office released you from cataloguing {name}"
    ),
    "responsibility:upheld": _owed("信息办决定编目“{name}”的责任不变", "the office upholds that you catalogue {name}"),
    "responsibility:withdrawn": _owed(
        "信息办撤销了编目“{name}”的责任", "the office withdrew the cataloguing of {name}"
    ),
}

"""What is told of an entrustment. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind


def _of(zh: str, en: str) -> Kind:
    return Kind(subject="entrustment", link="/entrustments/{id}", zh=zh, en=en)


KINDS: Final[Mapping[str, Kind]] = {
    "entrustment:entered": _of("委托{contractor}的事项待您批准", "entrusting {contractor} waits for your approval"),
    "entrustment:approved": _of("委托{contractor}的事项已批准", "entrusting {contractor} was approved"),
    "entrustment:refused": _of("委托{contractor}的事项未获批准", "entrusting {contractor} was not approved"),
}

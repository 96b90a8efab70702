"""What is told of a delegation. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "delegation:given": Kind(
        subject="",
        link="/delegations",
        zh="{name}授权您在 {starts_on} 至 {ends_on} 代理其“{role}”，待办里会列出可以代办的",
        en="{name} lets you act as their {role} from {starts_on} to {ends_on}",
    ),
    "delegation:ended": Kind(
        subject="",
        link="/delegations",
        zh="{giver}授权{holder}代理“{role}”，已提前结束",
        en="the delegation of {role} by {giver} to {holder} has been ended early",
    ),
}

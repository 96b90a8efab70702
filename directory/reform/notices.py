"""What is told of an act: to each person, where they and their work are from now on. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "reform:moved": Kind(
        subject="",
        link="/organisations/{code}",
        zh="{former}的机构改革已办理，您和您的角色随转到{org}；经手的事项、期限和编号都不变",
        en="by an act on {former} you and your roles are now with {org}; your work, its terms and numbers stay",
    ),
    "reform:renamed": Kind(
        subject="",
        link="/organisations/{code}",
        zh="您所在的{former}已更名为{org}",
        en="your department {former} is now called {org}",
    ),
}

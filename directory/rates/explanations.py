"""What is refused about rates."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "RATE_SET_UNKNOWN": Explanation(
        zh="没有名为“{name}”的清单",
        en="there is no list {name!r}",
        next_step="可用的清单：{known}。",
        status=422,
    ),
}

"""What is refused about addresses of entries."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "NOT_ACCEPTABLE": Explanation(
        zh="没有所要的格式；有 {offered}",
        en="none of the accepted media types is on offer; there are {offered}",
        next_step="在 Accept 请求头中写其中之一，或不写。",
        status=406,
    ),
}

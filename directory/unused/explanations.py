"""Why an early end cannot be proposed."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "END_NOT_OPEN": Explanation(
        zh="这项授权现在是“{state}”，不能提议提前结束",
        en="the grant does not run, so its early end cannot be proposed",
        next_step="只对已开通或使用中的授权提议；暂停、终止的在申请页办理。",
        next_cli="只对已开通或使用中的授权提议；暂停、终止的用 hutong request move 办理。",
        status=409,
    ),
}

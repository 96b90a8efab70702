"""What is refused about deciding on many at once."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "BATCH_SIZE": Explanation(
        zh="选了 {count} 份申请；一次办理 1 至 {limit} 份",
        en="{count} requests are chosen; 1 to {limit} are decided on at once",
        next_step="回到待办，勾选要一起办理的申请；多的分几次办。",
        next_cli="分几次办理，每次少写几份申请。",
        status=422,
    ),
}

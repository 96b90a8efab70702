"""What is refused about reconciliations."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "RECONCILIATION_BAD": Explanation(
        zh="对账结果不可接受：{reason}",
        en="the reconciliation cannot be taken: {reason}",
        next_step="结果须由该路由的提供、需求两端节点各签一份；请重新对账。",
        status=422,
    ),
}

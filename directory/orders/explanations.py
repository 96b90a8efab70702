"""What is refused about work orders."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "ORDER_ARGUMENT_BAD": Explanation(
        zh="没有填{name}，或填的不合要求",
        en="the work order's argument {name} is missing or does not fit",
        next_step="按所选事项补齐参数后重新下达。",
        status=422,
    ),
    "ORDER_NOT_FOUND": Explanation(
        zh="没有发给节点 {node_id} 的工单 {order_id}",
        en="there is no work order {order_id} for node {node_id}",
        next_step="核对工单编号。",
        status=404,
    ),
    "ORDER_PROCEDURE_UNKNOWN": Explanation(
        zh="没有工单事项 {action}",
        en="there is no procedure {action}",
        next_step="从列出的事项中选择。",
        status=422,
    ),
    "ORDER_TO_RELAY": Explanation(
        zh="{node_id} 是中继，不接工单",
        en="{node_id} is a relay and takes no work orders",
        next_step="选择部门的交换节点。",
        status=409,
    ),
}

"""What is refused about probes."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "MOUNT_NOT_OF_NODE": Explanation(
        zh="挂接 {mount_id} 不是节点 {node_id} 的",
        en="mount {mount_id} is not one of node {node_id}'s",
        next_step="重新读取本节点的挂接清单后再探测上报。",
        status=403,
    ),
    "PROBE_FROM_FUTURE": Explanation(
        zh="探测时间 {at} 晚于现在",
        en="the probe is of {at}, which lies in the future",
        next_step="校准节点的时钟后重新探测。",
        status=422,
    ),
}

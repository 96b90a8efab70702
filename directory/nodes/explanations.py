"""What is refused to nodes."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "NODE_NOT_FOUND": Explanation(
        zh="没有注册的节点 {node_id}",
        en="there is no enrolled node {node_id}",
        next_step="核对节点名称，或先注册该节点。",
        status=404,
    ),
    "NODE_NAME_TAKEN": Explanation(
        zh="节点名称 {name} 或其密钥已注册过",
        en="the node name {name} or its key is enrolled already",
        next_step="换一个名称，并用新的密钥注册。",
        status=409,
    ),
    "NODE_REVOKED": Explanation(
        zh="节点 {node_id} 已被注销，不再受信任",
        en="the node {node_id} is revoked",
        next_step="联系信息办；如需恢复，用新的名称和密钥重新注册。",
        status=403,
    ),
    "NODE_NAME_BAD": Explanation(
        zh="节点名不合要求",
        en="that cannot be the name of a node",
        next_step="小写字母开头，只用小写字母、数字、下划线，2 至 31 个字符。",
        status=422,
    ),
    "NODE_NAME_OTHER": Explanation(
        zh="所填节点名不是 {node_id}，没有注销",
        en="the name typed is not {node_id}; nothing was revoked",
        next_step="注销不能撤回；确要注销，逐字填写节点名。",
        status=409,
    ),
    "FINGERPRINT_OTHER": Explanation(
        zh="所报指纹与节点 {node_id} 登记的不同",
        en="the fingerprint read out is not that of node {node_id}",
        next_step="请对方运行 hutong node keys 重念一遍；仍不同就不是这个部门的节点，立即注销并重发注册码。",
        status=409,
    ),
    "KEY_TAKEN": Explanation(
        zh="密钥 {key_id} 已登记过",
        en="the key {key_id} is known already",
        next_step="重新生成密钥后再换用。",
        status=409,
    ),
    "KEY_CHANGE_TIME": Explanation(
        zh="换用密钥的起始时间 {valid_from} 与目录的时钟相差超过 5 分钟",
        en="the change of key begins at {valid_from}, more than 5 minutes from this clock",
        next_step="校准节点时钟（NTP）后再次运行 hutong node rotate。",
        status=409,
    ),
    "NOT_THIS_NODE": Explanation(
        zh="节点 {caller} 不能代替 {node_id} 发言",
        en="the node {caller} cannot speak for {node_id}",
        next_step="由该节点自己上报。",
        status=403,
    ),
    "NOT_AN_END": Explanation(
        zh="节点 {node_id} 与路线 {route_id} 的这一事项无关",
        en="this matter of route {route_id} is not for node {node_id} to speak on",
        next_step="核对路线编号；由相应一方的节点上报。",
        status=403,
    ),
    "ROUTE_UNKNOWN": Explanation(
        zh="没有路线 {route_id}",
        en="there is no route {route_id}",
        next_step="核对授权中的路线编号。",
        status=404,
    ),
    "RECEIPT_CONFLICT": Explanation(
        zh="路线 {route_id} 第 {seq} 批的回执与此前的摘要不同",
        en="the receipt for batch {seq} of route {route_id} names another digest than this party's earlier one",
        next_step="停止该路线，核对两端的批次；按安全事件处理。",
        status=409,
    ),
    "RECEIPT_CONTENTS_OTHER": Explanation(
        zh="路线 {route_id} 第 {seq} 批的回执所附内容，不是签名所指的内容",
        en="the contents beside the receipt for batch {seq} of route {route_id} are not those it names",
        next_step="由上报的节点连同回执原有的内容重新上报；仍不符按安全事件处理。",
        status=422,
    ),
    "TOKEN_REFUSED": Explanation(
        zh="节点注册码无效、已用过或已过期",
        en="the enrolment token is unknown, used or expired",
        next_step="请信息办重新发放注册码。",
        status=403,
    ),
    "ENROLMENT_REFUSED": Explanation(
        zh="节点注册内容不符：{reason}",
        en="the enrolment statement does not fit its token",
        next_step="用发放注册码时登记的名称和类型重新注册。",
        status=409,
    ),
    "TOO_MANY_AT_ONCE": Explanation(
        zh="一次最多上报 {limit} 条",
        en="at most {limit} records at once",
        next_step="分几次上报。",
        status=413,
    ),
}

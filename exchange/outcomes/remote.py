"""Codes about talking to the directory and the relay, and the relay's own refusals."""

from standards.errors import Explanation

REMOTE = {
    "DIRECTORY_DOWN": Explanation(
        zh="连不上目录服务：{reason}",
        en="the directory cannot be reached: {reason}",
        next_step="确认目录服务在运行（hutong serve）；恢复后批次自动继续，手工执行的命令请重试。",
        status=503,
        is_transient=True,
    ),
    "DIRECTORY_NOT_READY": Explanation(
        zh="目录暂不能办理（{refusal}）：{detail}",
        en="the directory cannot do this yet ({refusal}): {detail}",
        next_step="无须处理；稍后自动继续，久等不下时按所列原因查目录。",
        status=503,
        is_transient=True,
    ),
    "DIRECTORY_REFUSED": Explanation(
        zh="目录拒绝（{refusal}）：{detail}",
        en="the directory refused ({refusal}): {detail}",
        next_step="按所列原因处理后重试。",
        status=409,
    ),
    "RELAY_DOWN": Explanation(
        zh="连不上中继：{reason}",
        en="the relay cannot be reached: {reason}",
        next_step="中继恢复后自动继续。",
        status=503,
        is_transient=True,
    ),
    "RELAY_NOT_READY": Explanation(
        zh="中继暂不能办理（{refusal}）：{detail}",
        en="the relay cannot do this yet ({refusal}): {detail}",
        next_step="无须处理；稍后自动继续，久等不下时按所列原因查中继。",
        status=503,
        is_transient=True,
    ),
    "RELAY_REFUSED": Explanation(
        zh="中继拒绝（{refusal}）：{detail}",
        en="the relay refused ({refusal}): {detail}",
        next_step="按所列原因处理后重投。",
        status=409,
    ),
    "ANSWER_BAD": Explanation(
        zh="{peer} 的答复读不出：{reason}",
        en="the answer of {peer} cannot be read: {reason}",
        next_step="核对地址是否正确，或升级对方。",
        status=502,
    ),
    "NOT_AN_END": Explanation(
        zh="节点 {node_id} 不是路由 {route_id} 的一端",
        en="node {node_id} is not an end of route {route_id}",
        next_step="核对授权；只有提供部门和需求部门的节点可用该路由。",
        status=403,
    ),
    "ROUTE_UNKNOWN": Explanation(
        zh="没有路由 {route_id}",
        en="there is no route {route_id}",
        next_step="核对授权；未会签的授权不生效。",
        status=404,
    ),
    "OBJECT_UNKNOWN": Explanation(
        zh="没有对象 {digest}",
        en="there is no object {digest}",
        next_step="核对批次公告。",
        status=404,
    ),
    "OBJECT_DIFFERS": Explanation(
        zh="内容与所给摘要 {digest} 不符，未保存",
        en="the content does not have the digest {digest} and was not kept",
        next_step="重新上传。",
        status=422,
    ),
    "OBJECT_TOO_LARGE": Explanation(
        zh="对象超过 {limit} 字节",
        en="the object is over {limit} bytes",
        next_step="按 64 MiB 分段上传。",
        status=413,
    ),
    "CALL_UNKNOWN": Explanation(
        zh="没有 {method} {path} 这个接口",
        en="there is no call {method} {path}",
        next_step="按 exchange/docs/relay.md 核对地址与方法。",
        status=404,
    ),
    "BODY_TOO_LARGE": Explanation(
        zh="请求超过 {limit} 字节",
        en="the request is over {limit} bytes",
        next_step="减小请求后重试。",
        status=413,
    ),
    "BODY_MALFORMED": Explanation(
        zh="请求读不出：{reason}",
        en="the request cannot be read: {reason}",
        next_step="按 exchange/docs/relay.md 的格式重发。",
        status=422,
    ),
    "RANGE_BAD": Explanation(
        zh="区间 {given} 不在对象范围内",
        en="the range {given} is not within the object",
        next_step="按对象大小改正 Range。",
        status=416,
    ),
    "SEGMENT_MISSING": Explanation(
        zh="第 {number} 段尚未上传",
        en="segment {number} has not been uploaded",
        next_step="先上传全部分段再公告。",
        status=409,
    ),
    "RECEIPT_NOT_YOURS": Explanation(
        zh="回执不是由该路由的需求部门签发的",
        en="the receipt is not by the route's consumer",
        next_step="由需求部门节点签发回执。",
        status=403,
    ),
    "BATCH_NOT_ANNOUNCED": Explanation(
        zh="路由 {route_id} 没有第 {seq} 批",
        en="route {route_id} has no batch {seq}",
        next_step="核对序号。",
        status=404,
    ),
    "STORE_DOWN": Explanation(
        zh="中继的对象存储用不了：{reason}",
        en="the relay's object store cannot be used: {reason}",
        next_step="通知中继管理员：核对存储地址、凭据和存储桶；恢复后自动继续。",
        status=503,
        is_transient=True,
    ),
    "RELAY_FULL": Explanation(
        zh="中继空间不足",
        en="the relay is out of space",
        next_step="通知中继管理员清理（hutong relay sweep）或扩容；恢复后自动继续。",
        status=507,
        is_transient=True,
    ),
}

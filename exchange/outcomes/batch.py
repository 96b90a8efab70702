"""Codes about one batch on its way: order, identity, receipts, leases, and persons' moves."""

from standards.errors import Explanation

BATCH = {
    "BATCH_UNKNOWN": Explanation(
        zh="台账里没有批次 {route_id}/{seq}",
        en="the ledger has no batch {route_id}/{seq}",
        next_step="用 hutong exchange status 查看已有批次。",
        status=404,
    ),
    "BATCH_BUSY": Explanation(
        zh="批次正由另一个任务处理",
        en="another worker has this batch",
        next_step="无须处理；另一任务结束后自动继续。",
        status=409,
        is_transient=True,
    ),
    "STALE_LEASE": Explanation(
        zh="本任务对批次的租约已被后来者取代，已停止",
        en="this worker's lease was taken over by a later one; it stopped",
        next_step="无须处理；若节点库由旧备份恢复，请重投该批次。",
        status=409,
        is_transient=True,
    ),
    "MOVE_ILLEGAL": Explanation(
        zh="批次不能从 {state} 到 {to}",
        en="a batch cannot go from {state} to {to}",
        next_step="用 hutong exchange status 查看批次现状。",
        status=409,
    ),
    "AUDIT_BACKLOG": Explanation(
        zh="审计记录已积压 {seconds} 秒未送达目录，暂停移动数据",
        en="audit entries have waited {seconds} s for the directory; no data are moved",
        next_step="恢复与目录的连接，积压送出后自动继续。",
        status=503,
        is_transient=True,
    ),
    "WAITING_FOR_RECEIPT": Explanation(
        zh="已送达中继，等待接收方回执",
        en="stored at the relay; waiting for the consumer's receipt",
        next_step="无须处理；久等不到时联系接收方。",
        status=202,
        is_transient=True,
    ),
    "WAITING_FOR_SEQ": Explanation(
        zh="先到第 {seq} 批，正等待第 {expected} 批",
        en="batch {seq} is here before batch {expected}",
        next_step="无须处理；前一批完成后自动继续。",
        status=409,
        is_transient=True,
    ),
    "WAITING_FOR_OBJECT": Explanation(
        zh="中继上暂缺批次的第 {number} 段",
        en="the relay does not have segment {number} of the batch",
        next_step="通知中继管理员核查；恢复后自动继续。",
        status=503,
        is_transient=True,
    ),
    "MANIFEST_BAD": Explanation(
        zh="中继给出的批次公告不可信：{reason}",
        en="the announcement at the relay cannot be believed: {reason}",
        next_step="按安全事件处理：核查中继；由提供方重新封装。",
        status=409,
    ),
    "REPLAYED": Explanation(
        zh="序号位置 {seq} 上给出的是已有过的第 {found} 批：重放",
        en="in the place of batch {seq} stands batch {found} again: a replay",
        next_step="按安全事件处理：核查中继；由提供方重新封装。",
        status=409,
    ),
    "SWAPPED": Explanation(
        zh="批次属于别处（{field} 不符）：被调换",
        en="the batch belongs elsewhere ({field} differs): swapped",
        next_step="按安全事件处理：核查中继；由提供方重新封装。",
        status=409,
    ),
    "OUT_OF_ORDER": Explanation(
        zh="批次所记的前一批与本节点收到的不是同一批",
        en="the batch names another predecessor than the one received here",
        next_step="按安全事件处理：核查中继与提供方；由提供方重新封装。",
        status=409,
    ),
    "OBJECT_DIGEST": Explanation(
        zh="取回的第 {number} 段与公告的摘要不符（试 {attempts} 次）",
        en="segment {number} does not have its announced digest ({attempts} attempts)",
        next_step="按安全事件处理：核查中继的存储；由提供方重新封装。",
        status=409,
    ),
    "OBJECT_TRUNCATED": Explanation(
        zh="取回的第 {number} 段短于公告的大小（试 {attempts} 次）",
        en="segment {number} is shorter than announced ({attempts} attempts)",
        next_step="核查中继的存储；由提供方重新封装。",
        status=409,
    ),
    "OBJECT_SIZE": Explanation(
        zh="批次大小与公告不符",
        en="the batch's size is not the announced one",
        next_step="核查中继；由提供方重新封装。",
        status=409,
    ),
    "RECEIPT_BAD": Explanation(
        zh="{kind} 回执不成立：{reason}",
        en="the {kind} receipt does not hold: {reason}",
        next_step="按安全事件处理：回执可能是伪造的；向接收方核实后重投。",
        status=409,
    ),
    "REFUSED_BY_CONSUMER": Explanation(
        zh="接收方拒收，原因代码 {refusal}",
        en="the consumer refused it, code {refusal}",
        next_step="按原因处理后重投（hutong exchange redrive），将以新序号重新封装。",
        status=409,
    ),
    "EXPECTED_SEQ": Explanation(
        zh="通道 {route_id} 的下一批应为第 {expected} 批，收到第 {seq} 批",
        en="route {route_id} expects batch {expected} next, got {seq}",
        next_step="核对提供方台账；若节点由旧备份恢复，先恢复到最新。",
        status=409,
    ),
    "SEQ_TAKEN": Explanation(
        zh="第 {seq} 批已被另一内容占用",
        en="sequence {seq} is already taken by another content",
        next_step="提供方节点可能被复制或由旧备份恢复；查明后重新封装。",
        status=409,
    ),
    "REDRIVE_NOT_NEEDED": Explanation(
        zh="批次处于 {state}，不需要重投",
        en="the batch is {state} and needs no redrive",
        next_step="只有 held 和 quarantined 的批次可以重投。",
        status=409,
    ),
    "REDRIVE_AT_PROVIDER": Explanation(
        zh="隔离的批次由提供方重新封装",
        en="a quarantined batch is sealed anew by its provider",
        next_step="请提供方在其节点上重投。",
        status=409,
    ),
    "REDRIVE_ALREADY": Explanation(
        zh="批次已由第 {seq} 批取代",
        en="the batch is already replaced by batch {seq}",
        next_step="查看第 {seq} 批的状态。",
        status=409,
    ),
}

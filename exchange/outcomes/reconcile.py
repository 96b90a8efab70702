"""Codes about reconciliation: what ends one, what it waits for, what a sheet is refused for."""

from standards.errors import Explanation

RECONCILE = {
    "RECONCILE_AT_PROVIDER": Explanation(
        zh="路由 {route_id} 的对账由提供部门的节点发起，本节点不是",
        en="a reconciliation of route {route_id} begins at its provider's node, which this is not",
        next_step="在提供部门的节点上执行；授权须在有效期内。",
        status=409,
    ),
    "RECONCILE_TABLES_ONLY": Explanation(
        zh="路由 {route_id} 交换的是文件，没有可逐行核对的表",
        en="route {route_id} carries files, not rows to compare",
        next_step="文件以批次回执和摘要为准。",
        status=409,
    ),
    "RECONCILE_NOTHING": Explanation(
        zh="路由 {route_id} 还没有办结的批次，无可对账",
        en="route {route_id} has no closed batch to reconcile",
        next_step="首批办结后再对账。",
        status=409,
    ),
    "RECONCILE_UNDER_WAY": Explanation(
        zh="路由 {route_id} 的第 {seq} 批尚未办结，办结后再对账",
        en="batch {seq} of route {route_id} is not closed yet; reconcile after it",
        next_step="等这一批办结；久等不下先用 hutong exchange status 查原因。",
        status=409,
        is_transient=True,
    ),
    "RECONCILE_NOT_AT_SEQ": Explanation(
        zh="这一端在第 {found} 批，对账在第 {seq} 批，已不可比",
        en="this end stands at batch {found}, the reconciliation at batch {seq}: no longer comparable",
        next_step="无须处理；下次对账按最新一批进行。",
        status=409,
    ),
    "RECONCILE_WAITING": Explanation(
        zh="本端尚未到第 {seq} 批或暂时读不到目标表，对账稍候",
        en="this end has not come to batch {seq} or cannot read its table now; the reconciliation waits",
        next_step="无须处理；本端恢复后自动继续。",
        status=503,
        is_transient=True,
    ),
    "RECONCILE_OVERTAKEN": Explanation(
        zh="这次对账已由另一工作进程或更新的一次对账接手",
        en="another worker, or a later reconciliation, has overtaken this one",
        next_step="无须处理。",
        status=409,
        is_transient=True,
    ),
    "RECONCILE_SILENT": Explanation(
        zh="对方一天之内没有应答，这次对账作罢",
        en="the other end has not answered within a day; this reconciliation is given up",
        next_step="核对对方节点与中继是否在运行；若都在运行，中继可能扣留消息，按安全事件处理。",
    ),
    "RECONCILE_MESSAGE_BAD": Explanation(
        zh="中继转来的对账消息不可信：{reason}",
        en="a message of a reconciliation cannot be believed: {reason}",
        next_step="无须处理，消息已弃置；反复出现则按安全事件处理：中继可能改动、重放或调换消息。",
        status=401,
    ),
    "RECONCILE_RESULT_BAD": Explanation(
        zh="对方签出的对账结果与本端所知不符（{what}），不予会签",
        en="the result signed by the other end is not what this end knows ({what}); it is not signed here",
        next_step="请双方核对各自台账；对方节点可能已被控制，按安全事件处理。",
        status=409,
    ),
    "RECONCILE_SUMS_BAD": Explanation(
        zh="对方列出的行与它自己报的总数对不上（{what}），本次对账作罢",
        en="the rows that the other end lists do not add up to its own sums ({what}); this reconciliation ends",
        next_step="再对账一次；仍如此则对方节点程序有误或已被控制，按安全事件处理，并请双方当面核对。",
        status=409,
    ),
    "RECONCILE_CHAIN_OTHER": Explanation(
        zh="两端台账所载的已生效批次不同，行对账没有意义",
        en="the two ends' ledgers do not have the same batches; comparing rows would say nothing",
        next_step="用 hutong exchange status --all 逐批核对序号与摘要；有一端可能由旧备份恢复。",
        status=409,
    ),
    "SHEET_NONE": Explanation(
        zh="路由 {route_id} 在本节点没有双方签字的对账结果",
        en="this node has no reconciliation of route {route_id} signed by both ends",
        next_step="先执行 hutong exchange reconcile，两端都完成后再出对账单。",
        status=404,
    ),
    "SHEET_BAD": Explanation(
        zh="对账单不成立：{reason}",
        en="the reconciliation sheet does not hold: {reason}",
        next_step="不要采信这份文件；请出具方重新生成，并核对三方指纹。",
        status=422,
    ),
    "FIDELITY_BAD": Explanation(
        zh="保真证书不成立：{reason}",
        en="the fidelity certificate does not hold: {reason}",
        next_step="不要采信这份证书；核对本节点台账是否被改动，按安全事件处理。",
        status=422,
    ),
    "MESSAGE_TAKEN": Explanation(
        zh="第 {number} 号消息已有另一内容",
        en="message {number} is already taken by another content",
        next_step="核对节点是否由旧备份恢复或同时运行两份。",
        status=409,
    ),
    "MESSAGES_MANY": Explanation(
        zh="该路由在中继留存的消息已达上限 {limit} 条",
        en="the relay keeps at most {limit} messages of a route",
        next_step="无须处理；过期消息清除后自动恢复。",
        status=503,
        is_transient=True,
    ),
}

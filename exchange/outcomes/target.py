"""Codes about loading into a department's database: what it holds, and what arrived for it."""

from standards.errors import Explanation

TARGET = {
    "INCREMENT_BASE": Explanation(
        zh="目标表所存不是这批增量所依据的那一批",
        en="the target does not hold the batch that this increment builds on",
        next_step="无须处理；提供部门自动改发一次全量。",
        status=409,
    ),
    "INCREMENT_GAP": Explanation(
        zh="这批增量认为未变的行，目标表缺 {missing} 行",
        en="the target lacks {missing} rows that the increment says stand unchanged",
        next_step="无须处理；提供部门自动改发一次全量。若目标表有人改过，请查明。",
        status=409,
    ),
    "TARGET_DOWN": Explanation(
        zh="连不上目标数据库",
        en="the target database cannot be reached",
        next_step="目标库恢复后自动继续；提交结果不明时以目标库的登记为准。",
        status=503,
        is_transient=True,
    ),
    "TARGET_STALLED": Explanation(
        zh="目标数据库在限定时间内没有答完，连接已由本节点断开",
        en="the target database did not finish its answer in time; this node cut the connection",
        next_step="稍后自动再试。反复如此的，查目标库与网络；确需更久的，调大 node.toml 的 database_seconds。",
        status=504,
        is_transient=True,
    ),
    "TARGET_OVERSIZE": Explanation(
        zh="目标数据库的一次答复超过本节点的上限，连接已断开",
        en="one answer of the target database is over this node's limit; the connection was cut",
        next_step="核对目标库是否可信；确属正常的，调大 node.toml 的 database_answer_bytes 后重投。",
        status=413,
    ),
    "TARGET_ANSWER": Explanation(
        zh="目标数据库的答复不合所问：类型、行数或列数不对",
        en="the target database's answer is not to the question: other types, rows or columns",
        next_step="核对 node.toml 里的地址指向的确是本部门的 PostgreSQL；按安全事件处理后重投。",
        status=502,
    ),
    "TARGET_LOCKED": Explanation(
        zh="目标表被锁定",
        en="the target table is locked",
        next_step="锁释放后自动继续；久等不下时查目标库的长事务。",
        status=503,
        is_transient=True,
    ),
    "TARGET_FULL": Explanation(
        zh="目标库磁盘空间不足",
        en="the target database is out of space",
        next_step="清理磁盘后自动继续。",
        status=507,
        is_transient=True,
    ),
    "TARGET_DENIED": Explanation(
        zh="没有写目标库的权限",
        en="no permission to write to the target database",
        next_step="授予本节点账号建表与写入权限后重投。",
        status=403,
    ),
    "TARGET_DRIFT": Explanation(
        zh="目标表 {table} 被改动：{what}",
        en="the target table {table} was altered: {what}",
        next_step="恢复目标表的列后重投（表由节点维护，不要手工改结构）；若是新授权改了类型或主键，"
        "把旧表改名（ALTER TABLE … RENAME TO …）后重投，节点按新授权另建一张，旧表由本部门处置。",
        status=409,
    ),
    "TARGET_TAKEN": Explanation(
        zh="目标表 {table} 已属于其他用途",
        en="the target table {table} already belongs to something else",
        next_step="改名或移走该表后重投。",
        status=409,
    ),
    "TARGET_CONSTRAINT": Explanation(
        zh="批次里的行违反目标表的主键或非空约束（SQLSTATE {sqlstate}），已回滚",
        en="rows of the batch violate the key or a not-null of the target (SQLSTATE {sqlstate}); rolled back",
        next_step="由提供部门核对主键后重新封装。",
        status=422,
    ),
    "TARGET_BLOCKED": Explanation(
        zh="目标库自加的约束挡住了写入（SQLSTATE {sqlstate}），已回滚",
        en="a constraint added at the target blocks the write (SQLSTATE {sqlstate}); rolled back",
        next_step="调整该约束（如外键改为可延迟或先清理引用）后重投。",
        status=409,
    ),
    "TARGET_MISMATCH": Explanation(
        zh="写入后目标表 {found} 行，应为 {expected} 行，已回滚",
        en="after writing the target has {found} rows instead of {expected}; rolled back",
        next_step="检查目标表上的触发器与规则后重投。",
        status=409,
    ),
    "TARGET_SHIFT": Explanation(
        zh="这一批对目标表 {table} 的改动超出界限：{what}；已回滚",
        en="the batch changes the target table {table} beyond the limits: {what}; rolled back",
        next_step="先向提供部门核实；确属正常的，重投即放行这一批。界限是 node.toml 的 shift_share。",
        status=409,
    ),
    "TARGET_FAILED": Explanation(
        zh="目标库处理失败（SQLSTATE {sqlstate}）",
        en="the target database failed (SQLSTATE {sqlstate})",
        next_step="按数据库日志处理后重投。",
        status=500,
    ),
    "TARGET_BEHIND": Explanation(
        zh="目标库登记的批次落后于回执（登记到 {head}，回执到 {acknowledged}）",
        en="the target's marks are behind the receipts given ({head}, receipts reach {acknowledged})",
        next_step="目标库可能由旧备份恢复；请提供部门重新封装一次全量。",
        status=409,
    ),
    "QUALITY_FAILED_TARGET": Explanation(
        zh="到达的数据未通过检查，未装入：{rules}",
        en="the arrived rows fail the checks and were not loaded: {rules}",
        next_step="由提供部门查明原因后重新封装。",
        status=422,
    ),
    "ROW_COUNT": Explanation(
        zh="装入 {found} 行，尾记录所载为 {expected} 行",
        en="{found} rows were loaded, the trailer says {expected}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "COPY_REFUSED": Explanation(
        zh="数据库拒收这批数据（SQLSTATE {sqlstate}），通常是两端列类型不一致",
        en="the database refuses these rows (SQLSTATE {sqlstate}); usually the column types differ",
        next_step="核对目标表与目录所载各项的类型、长度，改正后重新装入。",
        status=422,
    ),
}

"""Codes about a department's database, at the source and at the target, and the node's own disk."""

from standards.errors import Explanation

ENDS = {
    "SOURCE_DOWN": Explanation(
        zh="连不上源数据库",
        en="the source database cannot be reached",
        next_step="源库恢复后自动继续。",
        status=503,
        is_transient=True,
    ),
    "SOURCE_LOCKED": Explanation(
        zh="源表 {table} 被锁定",
        en="the source table {table} is locked",
        next_step="锁释放后自动继续；久等不下时查源库的长事务。",
        status=503,
        is_transient=True,
    ),
    "SOURCE_DRIFT": Explanation(
        zh="源表 {table} 与授权时不一致：{what}",
        en="the source table {table} is not as it was granted: {what}",
        next_step="恢复该列，或更新目录条目并重新授权；未发出任何数据。",
        status=409,
    ),
    "SOURCE_DENIED": Explanation(
        zh="没有读取源表 {table} 的权限",
        en="no permission to read the source table {table}",
        next_step="授予本节点账号对该表的 SELECT 权限后重投。",
        status=403,
    ),
    "SOURCE_FAILED": Explanation(
        zh="源库读取失败（SQLSTATE {sqlstate}）",
        en="reading the source failed (SQLSTATE {sqlstate})",
        next_step="按数据库日志处理后重投。",
        status=500,
    ),
    "QUALITY_FAILED": Explanation(
        zh="检查未通过，未发出任何数据：{rules}",
        en="checks failed, nothing was sent: {rules}",
        next_step="在源端改正数据后重投。",
        status=422,
    ),
    "TARGET_DOWN": Explanation(
        zh="连不上目标数据库",
        en="the target database cannot be reached",
        next_step="目标库恢复后自动继续；提交结果不明时以目标库的登记为准。",
        status=503,
        is_transient=True,
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
        next_step="恢复目标表的列后重投；表由节点维护，不要手工改结构。",
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
    "SPOOL_FULL": Explanation(
        zh="本节点磁盘空间不足（剩 {free_bytes} 字节，需 {needed_bytes}）",
        en="this node's disk is nearly full ({free_bytes} bytes left, {needed_bytes} needed)",
        next_step="清理磁盘后自动继续。",
        status=507,
        is_transient=True,
    ),
    "SPOOL_MISSING": Explanation(
        zh="本节点找不到批次文件 {name}",
        en="the batch file {name} is missing on this node",
        next_step="从备份恢复该文件；恢复不了则重新封装。",
        status=500,
    ),
    "SPOOL_ALTERED": Explanation(
        zh="本节点的批次文件 {name} 与登记的摘要不符",
        en="the batch file {name} on this node does not have its recorded digest",
        next_step="检查磁盘；由提供部门重新封装。",
        status=500,
    ),
}

"""Codes about reading a department's database: what it answers, and what of it may be sent."""

from standards.errors import Explanation

SOURCE = {
    "SOURCE_DOWN": Explanation(
        zh="连不上源数据库",
        en="the source database cannot be reached",
        next_step="源库恢复后自动继续。",
        status=503,
        is_transient=True,
    ),
    "SOURCE_STALLED": Explanation(
        zh="源数据库在限定时间内没有答完，连接已由本节点断开",
        en="the source database did not finish its answer in time; this node cut the connection",
        next_step="稍后自动再试。反复如此的，查源库与网络；确需更久的，调大 node.toml 的 database_seconds。",
        status=504,
        is_transient=True,
    ),
    "SOURCE_OVERSIZE": Explanation(
        zh="源数据库的一次答复或一行超过本节点的上限，连接已断开",
        en="one answer or row of the source database is over this node's limit; the connection was cut",
        next_step="核对源库是否可信、该表是否有超大的值；确属正常的，调大 node.toml 的 database_answer_bytes 后重投。",
        status=413,
    ),
    "SOURCE_ANSWER": Explanation(
        zh="源数据库的答复不合所问：类型、行数或列数不对",
        en="the source database's answer is not to the question: other types, rows or columns",
        next_step="核对 node.toml 里的地址指向的确是本部门的 PostgreSQL；按安全事件处理后重投。",
        status=502,
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
    "COLUMN_REFUSED": Explanation(
        zh="源表 {table} 有不能原样送达的列：{what}",
        en="the source table {table} has columns that would not arrive as they are: {what}",
        next_step="按各列所说建视图并重新挂接，或申请时不选这些列；未发出任何数据。",
        status=409,
    ),
    "SOURCE_ENCODING": Explanation(
        zh="源数据库的编码是 {encoding}，其中的字节不保证是文字",
        en="the source database has encoding {encoding}: its bytes need not be text",
        next_step="请把数据转入一个 UTF8 编码的库再挂接；未发出任何数据。",
        status=409,
    ),
    "SOURCE_HIDDEN": Explanation(
        zh="源表 {table} 的行级安全策略对本节点账号隐去了一些行",
        en="row-level security hides rows of the source table {table} from this node's account",
        next_step="给本节点账号 BYPASSRLS，或挂接一个写明范围的视图；未发出任何数据。",
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
    "SOURCE_SLOW": Explanation(
        zh="源表或视图 {table} 在 {seconds} 秒内读不出抽样",
        en="no sample of {table} could be read within {seconds} seconds",
        next_step="结构照常登记，不作取值推测；需要时为视图建物化视图后重新扫描。",
        status=503,
    ),
    "SOURCE_TEXT_BAD": Explanation(
        zh="源表 {table} 的文字不是数据库声明的编码",
        en="the text in {table} is not in the encoding that its database declares",
        next_step="结构照常登记，不作取值推测；请核对源库的编码。",
        status=409,
    ),
    "SCHEMA_UNKNOWN": Explanation(
        zh="源库里没有模式 {names}",
        en="the source database has no schema {names}",
        next_step="可选的模式：{known}。",
        status=404,
    ),
    "QUALITY_FAILED": Explanation(
        zh="检查未通过，未发出任何数据：{rules}",
        en="checks failed, nothing was sent: {rules}",
        next_step="在源端改正数据后重投。",
        status=422,
    ),
    "DELETE_RATIO": Explanation(
        zh="上一批有 {was} 行，现在只剩 {now} 行，暂不发出",
        en="the last batch had {was} rows, now there are {now}; nothing was sent",
        next_step="核对源表是否误删；确属正常的，重投即放行这一批。",
        status=409,
    ),
    "ROW_CAP": Explanation(
        zh="这一批有 {count} 行，超过授权的上限 {most} 行，未发出任何数据",
        en="this batch would have {count} rows, more than the {most} that the grant allows; nothing was sent",
        next_step="缩小筛选范围或请需求部门变更申请；上限是目录公布的，改了目录须重新授权。",
        status=409,
    ),
    "CHANGES_NO_KEY": Explanation(
        zh="表 {table} 没有主键，登记不了变动",
        en="table {table} has no primary key by which changes could be noted",
        next_step="用 --key 指明标识一行的列，或先为该表建主键。",
        status=409,
    ),
    "EXTRACT_REFUSED": Explanation(
        zh="从源数据库取数失败（SQLSTATE {sqlstate}）",
        en="the source database fails on these rows (SQLSTATE {sqlstate})",
        next_step="核对挂接的表、字段与授权的行条件，改正后重新运行。",
        status=422,
    ),
}

"""Errors of running the product on a machine: its home, its PostgreSQL, its processes, its command line."""

from standards.errors import ExplainedError, Explanation


class HutongError(ExplainedError):
    """Something on this machine that stops the product, with what its operator can do about it."""

    explanations = {
        "NO_PERMISSION": Explanation(
            zh="没有权限使用目录 {path}：{reason}",
            en="no permission to use the folder {path}: {reason}",
            next_step="换用有权写入的目录（export HUTONG_HOME=目录），或改正该目录的属主与权限后重试。",
            status=500,
        ),
        "DISK_NEARLY_FULL": Explanation(
            zh="磁盘将满：{path} 只剩 {free}，至少需要 {needed}",
            en="the disk is nearly full: {path} has {free} left, {needed} are needed",
            next_step="清理磁盘，或把 HUTONG_HOME 指到有空间的磁盘后重试。",
            status=507,
            is_transient=True,
        ),
        "SYSTEM_USER_MISSING": Explanation(
            zh="无法建立系统用户 {user}：{reason}",
            en="the system user {user} cannot be made: {reason}",
            next_step="以 root 运行 useradd --system {user} 后重试，或改用普通用户运行。",
            status=500,
        ),
        "POSTGRES_MISSING": Explanation(
            zh="没有可用的 PostgreSQL 程序（需要 {wanted}）：{tried}",
            en="no usable PostgreSQL binaries ({wanted} needed): {tried}",
            next_step="安装 PostgreSQL 15 以上版本（apt install postgresql），或用 HUTONG_PG_BIN 指明其 bin 目录。",
            status=500,
        ),
        "POSTGRES_INIT_FAILED": Explanation(
            zh="建立数据库文件失败：{reason}",
            en="initialising the database files failed: {reason}",
            next_step="按所列原因处理后重试；未完成的文件已自动清除。",
            status=500,
        ),
        "POSTGRES_START_FAILED": Explanation(
            zh="PostgreSQL 启动失败：{reason}",
            en="PostgreSQL did not start: {reason}",
            next_step="查看日志 {log}，按其中原因处理后重试。",
            status=500,
        ),
        "POSTGRES_SLOW": Explanation(
            zh="PostgreSQL 在 {seconds} 秒内没有{what}",
            en="PostgreSQL did not {what_en} within {seconds} s",
            next_step="它可能仍在恢复数据；稍后用 hutong db status 查看，日志在 {log}。",
            status=503,
            is_transient=True,
        ),
        "POSTGRES_IN_USE": Explanation(
            zh="PostgreSQL 正被 {count} 个进程使用（进程号 {pids}），未停止",
            en="PostgreSQL is used by {count} processes (pid {pids}) and was not stopped",
            next_step="先停止这些进程，或加 --force 强行停止。",
            status=409,
        ),
        "POSTGRES_NOT_RUNNING": Explanation(
            zh="内嵌的 PostgreSQL 没有运行（{path}）",
            en="the embedded PostgreSQL is not running ({path})",
            next_step="先运行 hutong db start。",
            status=503,
        ),
        "DATABASE_NAME_BAD": Explanation(
            zh="“{name}”不能作数据库名",
            en="{name!r} cannot be the name of a database",
            next_step="用小写字母开头，只含小写字母、数字和下划线，不超过 63 个字符。",
        ),
        "DATABASE_UNKNOWN": Explanation(
            zh="没有名为 {name} 的数据库",
            en="there is no database named {name}",
            next_step="用 hutong db status 查看已有的数据库。",
            status=404,
        ),
    }

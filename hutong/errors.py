"""Errors of running the product on a machine: its home, its PostgreSQL, its processes, its command line."""

from typing import ClassVar

from standards.errors import ExplainedError, Explanation


class HutongError(ExplainedError):
    """Something on this machine that stops the product, with what its operator can do about it."""

    explanations: ClassVar = {
        "NO_PERMISSION": Explanation(
            zh="没有权限使用目录 {path}：{reason}",
            en="no permission to use the folder {path}: {reason}",
            next_step="换用有权写入的目录（export HUTONG_HOME=目录），或改正该目录的属主与权限后重试。",
            status=500,
        ),
        "SCAN_FORMAT_UNKNOWN": Explanation(
            zh="不能把扫描结果写成 {name}",
            en="the scan cannot be written as {name}",
            next_step="文件名须以 .xlsx 或 .json 结尾。",
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
        "DATABASE_UNREACHABLE": Explanation(
            zh="连不上数据库：{reason}",
            en="the database cannot be reached: {reason}",
            next_step="核对 HUTONG_DATABASE_URL；使用内嵌数据库时运行 hutong db status。",
            status=503,
            is_transient=True,
        ),
        "DATABASE_BEHIND": Explanation(
            zh="数据库的表与本程序的版本不符：{reason}",
            en="the database's tables are not those of this version of the program: {reason}",
            next_step="运行 hutong migrate（目录）、hutong node migrate（节点）、hutong relay migrate（中继）。",
        ),
        "SERVER_UNREACHABLE": Explanation(
            zh="连不上 {url}：{reason}",
            en="{url} cannot be reached: {reason}",
            next_step="核对地址和端口，并确认该服务正在运行（目录服务用 hutong serve 启动）。",
            status=503,
            is_transient=True,
        ),
        "SETTING_BAD": Explanation(
            zh="设置项 {name} 不对：{reason}",
            en="the setting {name} is not right: {reason}",
            next_step="改正环境变量或配置文件中的这一项后重试。",
        ),
        "DATA_UNREADABLE": Explanation(
            zh="读不了 {path}：{reason}",
            en="{path} cannot be read: {reason}",
            next_step="核对 --data 指向的目录是否完整；不带 --data 也可以运行演示。",
        ),
        "DIRECTORY_REFUSED": Explanation(
            zh="目录拒绝了 {request}（{status} {refusal}）：{detail}",
            en="the directory refused {request} ({status} {refusal}): {detail}",
            next_step="按所说的原因处理；演示数据若被手工改动过，换一个 HUTONG_HOME 重新运行。",
        ),
        "DEMO_STUCK": Explanation(
            zh="演示走不下去：“{subject}”处在 {state} 状态",
            en="the demo cannot go on: {subject!r} is in the state {state}",
            next_step="在网页上把它办完，或换一个 HUTONG_HOME 重新运行。",
        ),
        "DEMO_NOT_FOUND": Explanation(
            zh="用“{words}”检索，没有找到已发布的“{title}”",
            en="searching for {words!r} did not find the published {title!r}",
            next_step="运行 hutong catalogue reindex 重建检索索引后重试。",
        ),
        "PORT_IN_USE": Explanation(
            zh="端口 {port} 已被别的程序占用（{host}）",
            en="port {port} is in use by another program ({host})",
            next_step="停止那个程序，或用 --port 换一个端口。",
            status=409,
        ),
        "ADDRESS_BAD": Explanation(
            zh="不能在 {host}:{port} 上监听：{reason}",
            en="cannot listen on {host}:{port}: {reason}",
            next_step="用 --host 指定本机的地址，用 --port 指定 1024 以上的端口。",
        ),
        "FILE_UNREADABLE": Explanation(
            zh="读不出文件 {path}：{reason}",
            en="the file {path} cannot be read: {reason}",
            next_step="核对文件名和读取权限后重试。",
            status=404,
        ),
        "FILE_UNWRITABLE": Explanation(
            zh="写不了 {path}：{reason}",
            en="{path} cannot be written: {reason}",
            next_step="换一个可以写入的位置后重试；密码文件须是还没有的文件。",
            status=500,
        ),
        "FILE_IS_INPUT": Explanation(
            zh="报告 {path} 会覆盖要导入的文件",
            en="the report {path} would overwrite the file to import",
            next_step="给 --report 换一个名字。",
        ),
        "MAPPING_UNREADABLE": Explanation(
            zh="{path} 不是各列对应的文件：{reason}",
            en="{path} is no file of column choices: {reason}",
            next_step="写成 JSON 数组，每列一项：sheet、index（从 0 起）、element（空为不导入）。",
        ),
        "ARGUMENT_BAD": Explanation(
            zh="命令的参数不合要求：{what}",
            en="the command's arguments do not fit: {what}",
            next_step="在该命令后加 --help 查看各参数的要求。",
        ),
        "COMMAND_MISUSED": Explanation(
            zh="命令写得不对：{what}",
            en="the command line is wrong: {what}",
            next_step="写法见 {command} --help",
        ),
        "JSON_UNREADABLE": Explanation(
            zh="{path} 的内容不合要求：{what}",
            en="what {path} holds does not fit: {what}",
            next_step="写成一个 JSON 对象，字段与接口说明（/openapi.json）一致；可从同名命令的 --json 输出改起。",
        ),
        "FORMAT_NOT_OFFERED": Explanation(
            zh="不能导出为 {format}；现在有 {offered}",
            en="{format} cannot be exported; there are {offered}",
            next_step="用 --format 写其中之一，或不写 --format（xml）。",
        ),
        "SEARCH_NOT_UNDERSTOOD": Explanation(
            zh="检索条件 {what} 看不懂",
            en="{what} of the search cannot be read",
            next_step="写成 -f 名称=值，日期如 2026-11-20，范围如 108.1,22.6,108.6,23.0；名称有：{filters}。",
        ),
        "SYSTEM_REFUSED": Explanation(
            zh="操作系统不允许使用 {path}：{reason}",
            en="the operating system does not allow the use of {path}: {reason}",
            next_step="核对该路径、权限和磁盘空间后重试。",
            status=500,
        ),
        "FOLDER_MISSING": Explanation(
            zh="没有目录 {path}",
            en="there is no folder {path}",
            next_step="{remedy}",
            status=404,
        ),
        "BENCHMARK_UNKNOWN": Explanation(
            zh="没有名为 {name} 的基准测试，可用：{known}",
            en="there is no benchmark named {name}; there are: {known}",
            next_step="用 hutong bench --list 查看。",
            status=404,
        ),
        "BENCHMARK_FAILED": Explanation(
            zh="基准测试 {name} 没有完成（退出码 {status}）",
            en="the benchmark {name} did not finish (exit status {status})",
            next_step="原因见上面的输出。",
            status=500,
        ),
        "CHILD_ENDED": Explanation(
            zh="{name} 意外结束（退出码 {status}）：{reason}",
            en="{name} ended unexpectedly (exit status {status}): {reason}",
            next_step="查看日志 {log}，按其中原因处理后重试。",
            status=500,
        ),
        "STOPPING": Explanation(
            zh="正在停止，{name} 不再启动",
            en="stopping; {name} is not started any more",
            next_step="原因见此前的提示；处理后重新运行。",
            status=503,
        ),
        "CHILD_SLOW": Explanation(
            zh="{name} 在 {seconds} 秒内没有准备好",
            en="{name} was not ready within {seconds} s",
            next_step="机器可能过忙；查看日志 {log} 后重试。",
            status=503,
            is_transient=True,
        ),
        "AIRFLOW_FAILED": Explanation(
            zh="Airflow 没有完成 {what}：{reason}",
            en="Airflow did not do {what}: {reason}",
            next_step="查看 HUTONG_HOME/logs 下 airflow-*.log，按其中原因处理后重试。",
            status=500,
        ),
        "AIRFLOW_SLOW": Explanation(
            zh="Airflow 的运行 {run_id} 在 {seconds} 秒内没有结束",
            en="the Airflow run {run_id} did not end within {seconds} s",
            next_step="它仍在继续；在 {url} 查看各任务的状态。",
            status=503,
            is_transient=True,
        ),
    }

"""Codes about the node's own disk: the spool, and everything else that it keeps."""

from standards.errors import Explanation

DISK = {
    "SPOOL_FULL": Explanation(
        zh="本节点磁盘或批次队列已满（还可放 {free_bytes} 字节，需 {needed_bytes}）",
        en="this node's disk or spool is full (room for {free_bytes} bytes, {needed_bytes} needed)",
        next_step="对方收走在途批次、清理磁盘或调大 node.toml 的 spool_bytes 后自动继续。",
        status=507,
        is_transient=True,
    ),
    "NODE_DISK": Explanation(
        zh="本节点的磁盘读写出错（{reason}）",
        en="this node's disk failed a read or write ({reason})",
        next_step="检查磁盘、挂载点与节点账号的文件权限；恢复后自动继续。",
        status=503,
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

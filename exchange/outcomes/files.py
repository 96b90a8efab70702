"""Codes about files and folders, at the source, in the batch and where they are received. No message names a file."""

from standards.errors import Explanation

FILES = {
    "FILE_NAME_REFUSED": Explanation(
        zh="{count} 项不能传送，第一项是第 {number} 项：{reason}",
        en="{count} entries cannot travel; the first is number {number}, for its name",
        next_step="在挂接的文件夹里用 find . -mindepth 1 | LC_ALL=C sort 数到它，改名后重投；未发出任何数据。",
        status=409,
    ),
    "FILE_KIND_REFUSED": Explanation(
        zh="{count} 项不能传送，第一项是第 {number} 项：它是{reason}，不是普通文件",
        en="{count} entries cannot travel; number {number} is no regular file",
        next_step="在挂接的文件夹里用 find . -mindepth 1 | LC_ALL=C sort 数到它，移走后重投；未发出任何数据。",
        status=409,
    ),
    "FILE_UNREADABLE": Explanation(
        zh="{count} 项读不了，第一项是第 {number} 项：{reason}",
        en="{count} entries cannot be read; the first is number {number}",
        next_step="在挂接的文件夹里用 find . -mindepth 1 | LC_ALL=C sort 数到它，给节点账号读取权限后重投。",
        status=409,
    ),
    "FILES_TOO_MANY": Explanation(
        zh="文件超过 {limit} 个、索引过长，或合计超过 {total_bytes} 字节",
        en="more than {limit} files, a longer index, or more than {total_bytes} bytes in all",
        next_step="把文件夹拆成几个挂接，各自授权；未发出任何数据。",
        status=409,
    ),
    "SOURCE_CHANGED": Explanation(
        zh="封装时文件还在变动，这一次作废",
        en="the files changed while they were sealed; this attempt is void",
        next_step="无须处理，会自动再试；久不成功时，把文件先写好再整体换入。",
        status=503,
        is_transient=True,
    ),
    "FILES_INDEX_BAD": Explanation(
        zh="批次里的文件索引不合规：{reason}",
        en="the batch's index of files is not well-formed: {reason}",
        next_step="保留原文件，按安全事件处理：通知提供部门重新封装。",
    ),
    "FILES_CONTENT_BAD": Explanation(
        zh="批次里的文件内容与索引不符：{reason}",
        en="the batch's files are not as its index says: {reason}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "RECEIVED_TAKEN": Explanation(
        zh="收到的文件夹里，名称 {target} 已属于其他用途",
        en="the name {target} in the received folder already belongs to something else",
        next_step="把它改名或移走后重投；这个名称由节点维护。",
        status=409,
    ),
    "RECEIVED_UNWRITABLE": Explanation(
        zh="收到的文件夹写不了：{reason}",
        en="the received folder cannot be written: {reason}",
        next_step="核对 node.toml 的 received_folder、节点账号的写入权限和文件系统，然后重投。",
        status=500,
    ),
    "RECEIVED_ALTERED": Explanation(
        zh="已解开的文件被改动：{reason}",
        en="the unpacked files were altered: {reason}",
        next_step="查明谁动了收到的文件夹（只应由节点写入），然后重投，将从密文重新解开。",
        status=500,
    ),
}

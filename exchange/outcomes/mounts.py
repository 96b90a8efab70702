"""Codes about what an entry is mounted on: a table, a file of the served folder, a service."""

from standards.errors import Explanation

MOUNTS = {
    "MOUNT_GONE": Explanation(
        zh="挂接的 {place} 不存在",
        en="the mounted {place} is not there",
        next_step="恢复该表或文件，或在目录中修改挂接。",
        status=404,
    ),
    "MOUNT_UNREADABLE": Explanation(
        zh="挂接的 {place} 读不了：{reason}",
        en="the mounted {place} cannot be read: {reason}",
        next_step="核对该文件的类型和节点账号的读取权限。",
        status=409,
    ),
    "SERVED_FOLDER_MISSING": Explanation(
        zh="节点没有设置共享文件夹，文件类挂接无从读取",
        en="the node has no served_folder, so no file mount can be read",
        next_step="在 node.toml 里设置 served_folder（绝对路径）后重新探测。",
        status=409,
    ),
    "PATH_OUTSIDE": Explanation(
        zh="挂接路径 {place} 不在节点的共享文件夹之内，或经过符号链接",
        en="the mount path {place} leads out of the served folder, or through a symbolic link",
        next_step="在目录中改为共享文件夹内的相对路径，不用“..”和符号链接。",
        status=403,
    ),
    "SERVICE_HOST_REFUSED": Explanation(
        zh="服务地址的主机 {host} 不在节点允许的名单里",
        en="the service's host {host} is not one that the node may call",
        next_step="确认无误后，把主机名加进 node.toml 的 service_hosts。",
        status=403,
    ),
    "SERVICE_ADDRESS_REFUSED": Explanation(
        zh="服务 {host} 解析到非公网地址 {address}，未获允许",
        en="the service {host} resolves to {address}, which is not public and not allowed",
        next_step="确认是本部门的服务后，把所在网段加进 node.toml 的 service_networks。",
        status=403,
    ),
    "SERVICE_DOWN": Explanation(
        zh="连不上服务 {host}：{reason}",
        en="the service {host} cannot be reached: {reason}",
        next_step="确认服务在运行；下一次探测会再试。",
        status=503,
        is_transient=True,
    ),
    "SERVICE_ANSWER": Explanation(
        zh="服务 {host} 的应答不合用：{reason}",
        en="the answer of {host} is of no use: {reason}",
        next_step="核对服务地址；接口应以 200 应答，返回 JSON。",
        status=502,
    ),
}

"""Why the machine, a database or the network refused, in plain Chinese: the one table that every package takes it from.

The original stands in the English. What is not listed is told in its own words, so that nothing is hidden.
"""

import errno
import re
from collections.abc import Mapping
from typing import Final

_SYSTEM: Final[Mapping[int, str]] = {
    errno.EACCES: "没有权限",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.EDQUOT: "磁盘配额已满",
    errno.EEXIST: "已经有同名的文件",
    errno.EISDIR: "是目录，不是文件",
    errno.ELOOP: "是符号链接",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名称太长",
    errno.ENOENT: "没有这个文件或目录",
    errno.ENOSPC: "磁盘已满",
    errno.ENOTDIR: "路径里有一级不是目录",
    errno.ENOTEMPTY: "目录里还有文件",
    errno.EPERM: "系统不允许",
    errno.EROFS: "所在的磁盘只读",
}
"""What the operating system most often refuses, as people call it."""
_SAID: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), zh)
    for pattern, zh in (
        (r"password authentication failed", "用户名或密码不对"),
        (r"no password supplied", "没有给出密码"),
        (r'database ".*" does not exist', "没有这个数据库"),
        (r'role ".*" does not exist', "没有这个数据库用户"),
        (r"no pg_hba\.conf entry", "数据库不许从这里以这个用户连接"),
        (r"starting up|recovery mode|not yet accepting", "数据库正在启动或恢复"),
        (r"shutting down", "数据库正在停止"),
        (r"too many clients|connection slots|too many connections", "数据库的连接数已满"),
        (r"no space left|disk full", "磁盘已满"),
        (r"out of memory|cannot allocate memory", "内存不足"),
        (r"too many open files", "打开的文件太多"),
        (r"does not support SSL", "对方不支持 TLS 加密"),
        (r"certificate has expired", "对方的证书已过期"),
        (r"hostname mismatch|address mismatch|does not match host name", "对方的证书不是这个地址的"),
        (r"self[- ]signed certificate", "对方的证书是自签的，本机不信任"),
        (r"certificate verify failed|unknown ca\b", "对方的证书验证不过：本机不信任它的签发者"),
        (r"root certificate file", "没有根证书文件"),
        (r"wrong version number|record layer failure|http request", "对方不是 TLS（https）服务"),
        (r"connection refused", "连接被拒绝：那里没有服务在运行，或被防火墙拦下"),
        (r"name or service not known|name resolution|translate host name|no address associated", "主机名解析不出地址"),
        (r"no route to host|network is unreachable|host is unreachable", "网络不通"),
        (r"on socket .* no such file", "那里没有数据库在运行"),
        (r"reset by peer|broken pipe", "连接被对方断开"),
        (r"closed the connection|closed unexpectedly|disconnected|terminating connection|peer closed", "对方中途断开"),
        (r"connecttimeout|pooltimeout|timeout expired|connection timed out|handshake.* timed out", "连接超时"),
        (r"readtimeout|writetimeout|timed out", "等待应答超时"),
        (r"relation (?P<name>\".*?\") does not exist", "没有表 {name}"),
        (r"column (?P<name>\S+)(?: of relation \S+)? does not exist", "没有列 {name}"),
        (r"permission denied", "没有权限"),
        (r"unsupportedprotocol", "地址须以 http:// 或 https:// 开头"),
        (r"protocolerror", "对方的应答不是 HTTP"),
        (r"ssl|tls", "TLS 握手失败"),
    )
)
"""What PostgreSQL, TLS and HTTP most often say; the first that fits, so the particular before the general."""
_PLACES: Final = (
    re.compile(r'server at "(?P<host>[^"]+)"(?: \([^)]*\))?, port (?P<port>\d+)'),
    re.compile(r'(?:on socket|translate host name) "(?P<host>[^"]+)"'),
)


def system_words(error: OSError) -> Mapping[str, str]:
    """Why the system refused, as ``reason`` and ``reason_en``; what has no Chinese words here is told in its own."""
    english = error.strerror or type(error).__name__
    return {"reason": _SYSTEM.get(error.errno or 0, english), "reason_en": english}


def network_words(error: BaseException, *, quotes: bool = True) -> Mapping[str, str]:
    """Why a database or a server could not be reached, as ``reason`` and ``reason_en``.

    Without ``quotes`` nothing of the error's text is told, which may name an address or a value: only what kind it is.
    """
    kind = type(error).__name__
    english = next(iter(str(error).strip().splitlines()), "") if quotes else ""
    for pattern, zh in _SAID:
        if (quotes or not pattern.groups) and (found := pattern.search(f"{kind}: {error}")):
            place = f"{_place(english)} " if _place(english) else ""
            return {"reason": place + zh.format(**found.groupdict()), "reason_en": english or kind}
    number = error.errno if isinstance(error, OSError) else None
    return {"reason": _SYSTEM.get(number or 0, english or kind), "reason_en": english or kind}


def _place(english: str) -> str:
    """Where it was tried, as people write it."""
    found = next((match for pattern in _PLACES if (match := pattern.search(english))), None)
    return ":".join(each for each in found.groupdict().values() if each) if found else ""

"""The node's own disk and keys."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from exchange.doctor.line import Line, Lines
from exchange.limits import LIMITS
from exchange.node import Node

_GIB = 1024**3
_OLD_DAYS = 365


def disk(node: Node) -> Lines:
    """Free space where sealed batches and received files go, and what lies there."""
    places = {"密文盘": node.spool.path("", 0, "").parent, "收到的文件夹": node.received.folder}
    for name, folder in places.items():
        if folder.exists():
            yield _free(name, folder)
    served = node.settings.served_folder
    if served and not os.access(served, os.R_OK | os.X_OK):
        yield Line(
            "共享文件夹", "bad", "不在，或节点账号读不了", "挂上共享盘，或改正 node.toml 的 served_folder 和权限。"
        )


def _free(name: str, folder: Path) -> Line:
    usage = shutil.disk_usage(folder)
    files = [path.stat().st_size for path in folder.glob("*.batch")]
    held = f"，密文 {len(files)} 个 {sum(files) / _GIB:.2f} GiB" if name == "密文盘" else ""
    zh = f"剩 {usage.free / _GIB:.1f} GiB（{usage.free * 100 // usage.total}%）{held}"
    if usage.free < LIMITS.free_bytes:
        return Line(name, "bad", zh, "清理磁盘；空间不足时不封装也不收取。")
    if usage.free < 8 * LIMITS.free_bytes:
        return Line(name, "note", zh, "尽快清理或扩容。")
    return Line(name, "ok", zh)


def keys(node: Node) -> Lines:
    """The age of each key in use. They do not expire by themselves; the older one is, the more it opens."""
    for found, key in sorted(node.keys.held.items()):
        what = "签名" if found.purpose == "identity" else "解密"
        name = f"{what}密钥（套件 {found.suite}）"
        made = datetime.fromtimestamp((node.keys.folder / found.name).stat().st_mtime, UTC)
        days = max(0, (node.now() - made).days)
        zh = f"{key.key_id[:8]}，已用 {days} 天"
        if found.is_new:
            yield Line(
                name, "note", f"{key.key_id[:8]}，新密钥还没有启用", "运行 hutong node run --once，目录收到后自动启用。"
            )
        elif days > _OLD_DAYS:
            yield Line(name, "note", zh, "安排更换（至少每年一次）；更换期间新旧并用。")
        else:
            yield Line(name, "ok", zh)

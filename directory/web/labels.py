"""What coded values are called on pages. The words of states and roles stay with the states and roles.

Those of an entry's own values are ``metadata.words``.
"""

from collections.abc import Mapping
from typing import Final

from metadata.words import (
    ASSESSMENTS,
    CYCLES,
    METHODS,
    MOUNT_KINDS,
    SENSITIVITIES,
    SHARE_TYPES,
    TYPE_CODES,
)

__all__ = [
    "ASSESSMENTS",
    "BATCH_STATES",
    "CYCLES",
    "FREQUENCIES",
    "METHODS",
    "MOUNT_KINDS",
    "RECEIPTS",
    "SENSITIVITIES",
    "SHARE_TYPES",
    "TYPE_CODES",
]

FREQUENCIES: Final[Mapping[str, str]] = {
    "once": "一次",
    "daily": "每日一次",
    "weekly": "每周一次",
    "monthly": "每月一次",
}
BATCH_STATES: Final[Mapping[str, str]] = {
    "due": "待封装",
    "sealed": "已封装",
    "stored": "已存入中继",
    "fetched": "已取回",
    "verified": "已验签",
    "staged": "已入暂存表",
    "checked": "已检查",
    "applied": "已入库",
    "closed": "已办结",
    "held": "暂候",
    "quarantined": "已隔离",
}
RECEIPTS: Final[Mapping[str, str]] = {"stored": "存入", "verified": "验签", "checked": "检查", "applied": "入库"}

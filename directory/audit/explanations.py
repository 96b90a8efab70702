"""What is refused about the audit log."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "AUDIT_BROKEN": Explanation(
        zh="审计日志不一致：{what}",
        en="the audit log is inconsistent: {what}",
        next_step="停止办理，保留现场，并通知审计管理员执行 hutong audit verify --live。",
        status=503,
    ),
    "EVIDENCE_UNWRITABLE": Explanation(
        zh="证据写不进 {what}",
        en="the evidence cannot be written to {what}",
        next_step="换一个可以写入、有足够空间的目录后重新导出。",
        status=500,
    ),
    "EVIDENCE_UNREADABLE": Explanation(
        zh="证据文件读不出：{what}",
        en="the evidence cannot be read: {what}",
        next_step="核对所给的是 hutong audit export 写出的目录；文件缺损时重新导出。",
    ),
}

"""What is refused about notices."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "NOTICE_NOT_FOUND": Explanation(
        zh="没有通知 {notice_id}，或您已不能查看它所说的事",
        en="there is no notice {notice_id}, or what it is about is no longer the reader's to see",
        next_step="从“通知”重新进入。",
        next_cli="编号用 hutong notices list 查看。",
        status=404,
    ),
}

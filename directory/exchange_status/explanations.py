"""What is refused about batches."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "BATCH_NOT_FOUND": Explanation(
        zh="没有批次 {route_id}/{seq}，或您不能查看",
        en="there is no batch {route_id}/{seq}, or you may not see it",
        next_step="从“交换”页进入。",
        next_cli="批次用 hutong exchange status 查看。",
        status=404,
    ),
}

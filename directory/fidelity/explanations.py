"""What is refused about fidelity certificates."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "CERTIFICATE_BAD": Explanation(
        zh="保真证书不可接受：{reason}",
        en="the fidelity certificate cannot be taken: {reason}",
        next_step="证书须由该路由提供部门的节点按授权和两端签字的对账结果出具；请重新对账。",
        status=422,
    ),
}

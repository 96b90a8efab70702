"""What is refused about access tokens."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "TOKEN_INVALID": Explanation(
        zh="访问令牌不符合要求：{reason}",
        en="the access token is not acceptable: {reason}",
        next_step="按提示修改后重试。",
        status=422,
    ),
    "TOKENS_MANY": Explanation(
        zh="有效的访问令牌已有 {most} 个",
        en="there are {most} live access tokens already",
        next_step="撤销不再使用的令牌后重试。",
        status=409,
    ),
    "TOKEN_NOT_FOUND": Explanation(
        zh="没有访问令牌 {token_id}，或它已撤销",
        en="there is no live access token {token_id} of yours",
        next_step="从“访问令牌”页进入。",
        next_cli="编号用 hutong token list 查看。",
        status=404,
    ),
}

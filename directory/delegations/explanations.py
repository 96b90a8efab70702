"""What is refused about delegations."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "DELEGATION_ROLE": Explanation(
        zh="不能委托“{role}”：只能委托本人正担任的审批角色，代理来的角色不得再委托",
        en="only a deciding role of one's own can be delegated, never one held for somebody else",
        next_step="选择本人担任的角色；确需另找代理人，请由原委托人收回后重新委托。",
        status=403,
    ),
    "DELEGATION_DAYS": Explanation(
        zh="代理期限不符合要求：须含今天（{today}）或以后的日期，起不晚于止，最长 {most} 天",
        en="a delegation lasts 1 to {most} days and does not lie in the past",
        next_step="改正起止日期后重新提交。",
        status=422,
    ),
    "DELEGATE_UNFIT": Explanation(
        zh="不能委托给此人：{reason}",
        en="this person cannot be the delegate: {reason}",
        next_step="从本部门在岗人员中另选一位。",
        status=422,
    ),
    "DELEGATION_LAPSED": Explanation(
        zh="办理的这一刻，代理已经到期或已被收回，这一步没有办成",
        en="at this instant the delegation was over or revoked; the step was not taken",
        next_step="由委托人本人办理，或请其重新委托后再办。",
        status=409,
    ),
    "DELEGATION_OVERLAPS": Explanation(
        zh="这段时间内“{role}”已委托他人",
        en="the role is delegated already in these days",
        next_step="先收回原来的委托，或改用不重叠的日期。",
        status=409,
    ),
    "DELEGATION_NOT_FOUND": Explanation(
        zh="没有委托 {delegation_id}，或与您无关",
        en="there is no delegation {delegation_id}, or it is not yours",
        next_step="从“授权代理”页进入。",
        next_cli="编号用 hutong delegation list 查看。",
        status=404,
    ),
    "DELEGATION_OVER": Explanation(
        zh="这项委托已经结束",
        en="the delegation is over already",
        next_step="不需要再收回。",
        status=409,
    ),
}

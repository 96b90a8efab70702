"""What is refused about 机构改革."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "REFORM_INVALID": Explanation(
        zh="机构改革不能这样办理：{reason}",
        en="this act on departments cannot be carried out",
        next_step="改正后重新预览。",
        status=422,
    ),
    "REFORM_CHANGED": Explanation(
        zh="预览之后情况有变：{changed}",
        en="what would move is not what was previewed",
        next_step="重新预览，核对移交清单后再办理。",
        status=409,
    ),
    "REFORM_REQUIRED": Explanation(
        zh="部门之间的移交只能随机构改革办理",
        en="what is a department's moves to another only along a recorded act",
        next_step="由信息办负责人在“机构改革”中办理。",
        next_cli="由信息办负责人用 hutong org reform 办理。",
        status=409,
    ),
    "REFORM_STOPPED": Explanation(
        zh="这次机构改革按要求停止了，什么都没有移交",
        en="the act was stopped; nothing has moved",
        next_step="需要时再办一次：清单有变的，先重新预览。",
        status=409,
    ),
    "REFORM_BROKEN_OFF": Explanation(
        zh="这次机构改革中断了 {tries} 次，什么都没有移交",
        en="the act broke off {tries} times; nothing has moved",
        next_step="请运维看目录服务的日志（reform_work_failed），排除后再办一次。",
        status=409,
    ),
    "REFORM_UNDER_WAY": Explanation(
        zh="{names}已有一次机构改革在办理，{beginner} {begun} 开始的，结束之前不能再开始",
        en="an act on {names} is under way, begun by {beginner} at {begun}; another begins when it has ended",
        next_step="从“机构改革”看它办到哪一步；不要它了，先停止它。",
        next_cli="用 hutong org reforms 看它办到哪一步；不要它了，先停止它：--stop {reform_id}。",
        status=409,
    ),
    "REFORM_NOT_UNDER_WAY": Explanation(
        zh="这次机构改革{state}，不能{what}",
        en="the act is not in a state for that",
        next_step="刷新页面查看最新状态。",
        next_cli="用 hutong org reforms 查看现在的状态。",
        status=409,
    ),
    "REFORM_UNKNOWN": Explanation(
        zh="没有这次机构改革：{reform_id}",
        en="there is no such act: {reform_id}",
        next_step="在“机构”页核对。",
        next_cli="用 hutong org list 核对各部门。",
        status=404,
    ),
}

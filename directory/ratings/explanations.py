"""What is refused about ratings."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "RATING_NOT_FOUND": Explanation(
        zh="没有对申请 {request_id} 的评价，或您不能查看",
        en="there is no rating under request {request_id}, or you may not see it",
        next_step="从资源页面的“使用评价”进入。",
        next_cli="用 hutong rating show 查看该目录的评价。",
        status=404,
    ),
    "RATING_NOT_USED": Explanation(
        zh="只有收到过数据的申请部门可以评价",
        en="only the department that received data under this request rates it",
        next_step="首批数据入库后再评价；每份授权一次，以后可以修改。",
        status=409,
    ),
    "RATING_MARKS": Explanation(
        zh="三个方面都要选 1 至 5 分",
        en="each of the three needs a mark from 1 to 5",
        next_step="选好分数后重新提交。",
        status=422,
    ),
    "RATING_MOVE_ILLEGAL": Explanation(
        zh="评价当前“{state}”，不能{act}；现在可以：{legal}",
        en="the rating's state does not allow this",
        next_step="刷新页面查看最新状态。",
        next_cli="用 hutong rating show 查看现在的状态。",
        status=409,
    ),
    "RATING_OWN": Explanation(
        zh="对本部门目录的评价，不能由本部门隐去或恢复",
        en="nobody moderates what is said of their own department's entry",
        next_step="可以作出回应；确有不当的，由其他部门管理员报同级主管部门处理。",
        status=403,
    ),
}

"""What is refused about changed and ended services, and about changes of items in use."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "SERVICE_NOT_FOUND": Explanation(
        zh="没有服务变更告知 {notice_id}，或您不能查看",
        en="there is no notice {notice_id} of a service, or you may not see it",
        next_step="从“服务变更”页进入。",
        next_cli="编号用 hutong service list 查看。",
        status=404,
    ),
    "SERVICE_NOT_YOURS": Explanation(
        zh="申请 {request_id} 不是本部门在用的，或不在告知之列",
        en="request {request_id} is not a use of yours that was told",
        next_step="从“服务变更”页选本部门的一项。",
        next_cli="用 hutong service list 选本部门的一项。",
        status=404,
    ),
    "SERVICE_DAYS": Explanation(
        zh="答复截止日须在今天以后，生效日不得早于答复截止日",
        en="the day to answer by is in the future, and nothing takes effect before it",
        next_step="改正日期：给使用部门留出协商的时间（条例第二十七条）。",
        status=409,
    ),
    "SERVICE_OPEN": Explanation(
        zh="“{title}”已有一份告知在协商",
        en="a change of the service of {title} has been announced and is open",
        next_step="在那份告知上继续，或先撤回它。",
        status=409,
    ),
    "SERVICE_UNUSED": Explanation(
        zh="没有部门在用“{title}”，不须告知",
        en="nobody uses {title}",
        next_step="按目录的更新或撤销办理即可。",
        status=409,
    ),
    "SERVICE_CLOSED": Explanation(
        zh="这份告知{how}，不再接受答复",
        en="the notice is closed",
        next_step="有新的情况，由提供部门另行告知。",
        status=409,
    ),
    "SERVICE_UNSETTLED": Explanation(
        zh="还不能备案：有部门尚未答复（截止 {answer_by}），或有异议未获提供部门答复",
        en="it cannot be filed: somebody may answer until {answer_by}, or an objection has no answer",
        next_step="等答复期满，并请提供部门逐一答复异议。",
        status=409,
    ),
    "SERVICE_UNANNOUNCED": Explanation(
        zh="“{title}”还有部门在用，终止服务须先告知、协商并报信息办备案，到生效日才能办理",
        en="{title} is in use: its service ends only when that was announced, negotiated and filed, on its day",
        next_step="在目录页选“告知服务变更”；对方违规使用的，先暂停（条例第二十七条）。",
        next_cli="用 hutong service announce 告知服务变更；对方违规使用的，先暂停（条例第二十七条）。",
        status=409,
    ),
    "SERVICE_CHANGE_UNFILED": Explanation(
        zh="“{title}”的新版本改变 {count} 项在用的服务，变更服务须先告知、协商并报信息办备案，到生效日才能发布",
        en="this version of {title} changes what {count} uses get: announce, negotiate and file it first",
        next_step="在目录页选“告知服务变更”，备案后到生效日再发布；不影响在用数据项的修改可以先发布（条例第二十七条）。",
        next_cli="用 hutong service announce 告知服务变更，备案后到生效日再发布；"
        "不影响在用数据项的修改可以先发布（条例第二十七条）。",
        status=409,
    ),
    "ITEM_CHANGE_NOT_FOUND": Explanation(
        zh="没有这一条数据项变化，或不是本部门的",
        en="there is no such change of items, or it is not yours",
        next_step="从“服务变更”页进入。",
        next_cli="用 hutong service changes 查看。",
        status=404,
    ),
    "ITEM_CHANGE_NOTED": Explanation(
        zh="这一条数据项变化已经知悉",
        en="this change of items has been taken note of",
        next_step="不须再办。",
        status=409,
    ),
}

"""What is refused about grants in use, and about how their use ends."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

GRANTS: Final[Mapping[str, Explanation]] = {
    "RENEWAL_STATE": Explanation(
        zh="只有正在使用的授权可以续期",
        en="only a grant in use can be renewed",
        next_step="授权已结束的，另行提出申请；已暂停的，先整改恢复。",
        status=409,
    ),
    "CHANGE_STATE": Explanation(
        zh="原授权现在“{state}”，不能变更",
        en="what would be changed is not in use now",
        next_step="已暂停的，先整改恢复；已结束的，另行提出申请。",
        status=409,
    ),
    "CHANGE_NONE": Explanation(
        zh="所提的内容与现在的授权相同，没有变更",
        en="what is asked for is granted already",
        next_step="改动数据项、行范围、频次、用途或使用时限后再提交。",
        status=409,
    ),
    "RENEWAL_OPEN": Explanation(
        zh="已经有一份续期或变更申请在办：{request_id}",
        en="a renewal or change is under way already: {request_id}",
        next_step="在那份申请上继续办理。",
        status=409,
    ),
    "RECTIFICATION_RUNS": Explanation(
        zh="整改期限 {until} 未到，需求部门也还没有报告整改，现在不能终止",
        en="the term for putting right runs until {until} and nobody has reported; it cannot be terminated yet",
        next_step="等需求部门报告整改，或期限过后再终止（条例第二十七条）；暂停期间各节点不收发。",
        status=409,
    ),
    "RENEWAL_DAY": Explanation(
        zh="续期后的使用时限须晚于现在的 {valid_until}",
        en="a renewal ends later than {valid_until}",
        next_step="改为更晚的日期；要提前结束的，选“使用目的已实现”或“终止授权”。",
        status=409,
    ),
    "UNTIL_PAST": Explanation(
        zh="期限 {until} 不晚于今天",
        en="the last day, {until}, is not in the future",
        next_step="改为今天以后的日期。",
        status=409,
    ),
    "DISPOSAL_WAY": Explanation(
        zh="处置方式只能是：{ways}",
        en="data are disposed of in one of these ways: {ways}",
        next_step="从所列方式中选择一种。",
        status=409,
    ),
    "DISPOSAL_INCOMPLETE": Explanation(
        zh="处置证明还没有填完整",
        en="the certificate of disposal is not complete",
        next_step="写明处置方式、日期、经办人、监督人和处置了哪些数据。",
        status=422,
    ),
    "DISPOSAL_OTHER": Explanation(
        zh="提供部门要求的处置方式是“{way}”",
        en="the provider asked for another way of disposal: {way}",
        next_step="按提供部门的要求处置后再出具证明；有困难先与提供部门协商（条例第二十七条）。",
        status=409,
    ),
    "DISPOSAL_DAY": Explanation(
        zh="处置日期须在使用结束（{ended_on}）之后、今天之前",
        en="the day of disposal lies between the end of use, {ended_on}, and today",
        next_step="改正日期后重新提交。",
        status=409,
    ),
    "DISPOSAL_WITNESS": Explanation(
        zh="监督人不能就是经办人",
        en="who watched the disposal is somebody other than who carried it out",
        next_step="填写在场监督的另一位人员后重新提交。",
        status=409,
    ),
    "GRANT_NOT_FOUND": Explanation(
        zh="没有授权 {grant_id}，或您不能查看",
        en="there is no grant {grant_id}, or you may not see it",
        next_step="从申请页进入。",
        next_cli="用 hutong request show 查看申请的授权编号。",
        status=404,
    ),
    "COUNTERSIGNATURE_OTHER": Explanation(
        zh="会签内容与授权 {grant_id} 不符",
        en="the countersignature is not about the exact bytes of grant {grant_id}",
        next_step="在节点上重新同步目录后再会签；若仍不符，按安全事件处理。",
        status=409,
    ),
}

"""What is refused about requests and grants."""

from collections.abc import Mapping
from typing import Final

from directory.access.explanations_grants import GRANTS
from directory.access.explanations_text import TEXT
from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    **TEXT,
    **GRANTS,
    "REQUEST_NOT_FOUND": Explanation(
        zh="没有申请 {request_id}，或您不能查看",
        en="there is no request {request_id}, or you may not see it",
        next_step="从“我的申请”进入。",
        next_cli="编号用 hutong request list 查看。",
        status=404,
    ),
    "MOVE_ILLEGAL": Explanation(
        zh="申请当前“{state}”，不能{act}；现在可以：{legal}",
        en="the request's state does not allow this step",
        next_step="刷新页面查看最新状态，按应走的环节办理。",
        next_cli="用 hutong request show 查看现在的状态和可办的步骤。",
        status=409,
    ),
    "TWO_HANDS": Explanation(
        zh="您已经同意过这份申请；须两方审批的，由两个人分别作出",
        en="you agreed to this request already; where two have to, they are two persons",
        next_step="请另一方的负责人办理。",
        status=409,
    ),
    "TWO_SIDES": Explanation(
        zh="您已代表需求部门批准过这份申请；提供部门和信息办的同意须由另一人作出",
        en="you approved this request for the requester; another person agrees for the provider",
        next_step="请另一位有此角色的同事办理，代您办理的人也不行；没有的，请安全管理员先给一位同事这个角色。",
        status=409,
    ),
    "DISPUTE_ANSWERED_BY_YOU": Explanation(
        zh="您已经答复过这件争议，不能再由您答复上一级",
        en="you have answered this dispute on a level below; another person has to",
        next_step="由另一位信息办负责人办理；没有的，请安全管理员先给一位同事这个角色。认为应当重新办理的，您仍可退回。",
        status=409,
    ),
    "HANDLER_UNFIT": Explanation(
        zh="接办的人须是本部门另一位在岗的经办人，也不是批准过这一稿的人",
        en="a request is handed to another active clerk of the department, who did not approve this text of it",
        next_step="从名单里选；没有人选的，请安全管理员先给一位同事“经办人”角色。",
        next_cli="换一位有“经办人”角色的同事；没有的，请安全管理员用 hutong user give-role 先授予。",
        status=409,
    ),
    "CLOCK_BEHIND": Explanation(
        zh="服务器时钟是 {now}，比这份申请上一步的时间 {last} 还早，期限会算错，操作没有执行",
        en="the server's clock shows {now}, before the request's last step at {last}; terms would be counted wrong",
        next_step="请系统管理员校准服务器时钟后重试。",
        status=409,
    ),
    "EXTENSION_DAYS": Explanation(
        zh="延期为 1 至 {most} 个工作日",
        en="an extension is of 1 to {most} working days",
        next_step="改正天数后重新提交。",
        status=422,
    ),
    "EXTENSION_LATE": Explanation(
        zh="答复期限 {due_on} 已过，不能再申请延期",
        en="the reply was due on {due_on}; it is too late to ask for more time",
        next_step="尽快答复。",
        status=409,
    ),
    "EXTENSION_OVER": Explanation(
        zh="答复期限 {due_on} 已过，期限届满后不能再延长",
        en="the reply was due on {due_on}; a term that ended cannot be made longer",
        next_step="对延期不予同意并说明理由；提供部门应尽快答复，逾期如实记录。",
        status=409,
    ),
    "DECISION_MISSING": Explanation(
        zh="还没有选择一项决定",
        en="no decision is chosen",
        next_step="先选一项决定，再提交。",
        status=422,
    ),
    "OWN_RESOURCE": Explanation(
        zh="“{title}”是本部门的目录，无须申请",
        en="{title} belongs to the requester's own department",
        next_step="直接在本部门内使用。",
        status=409,
    ),
    "RESOURCE_FIXED": Explanation(
        zh="本申请针对“{title}”，不能改为申请其他目录",
        en="the request is for {title} and cannot be turned to another entry",
        next_step="另行提出一份申请。",
        status=409,
    ),
    "SUPPLEMENT_EMPTY": Explanation(
        zh="补正通知须一次列全缺什么，可列：{parts}",
        en="a supplement notice lists everything missing",
        next_step="勾选缺少的各项，在意见里逐项写明要补什么（条例第二十一条）。",
        next_cli="用 --missing 列出缺少的各项，在意见里逐项写明要补什么（条例第二十一条）。",
        status=409,
    ),
    "SUPPLEMENT_LATE": Explanation(
        zh="受理之后，只有使用时限已过才通知补正，且只列使用时限",
        en="once a request is accepted a notice asks for a new term of use, where it is over, and for nothing else",
        next_step="只勾选“使用时限”；别的材料应在受理时一次列全（条例第二十一条）。",
        next_cli="--missing 只列使用时限（valid_until）；别的材料应在受理时一次列全（条例第二十一条）。",
        status=409,
    ),
    "SUPPLEMENT_ONCE": Explanation(
        zh="上次通知补正时，{parts}已经列入或已是现在的样子，不得再次要求补正",
        en="what was missing at the first notice cannot be asked for again: {parts}",
        next_step="只列上次通知之后改动过的内容，或按现有材料受理（条例第二十一条：一次性告知）。",
        status=409,
    ),
    "SUPPLEMENT_UNTOUCHED": Explanation(
        zh="补正通知列出的还没有补：{parts}",
        en="of what the notice lists these are as they were: {parts}",
        next_step="逐项修改申请（改后须重新批准），附件材料上传附件；某项本来就对的，提交时在意见里写明这一项的名称和理由。",
        status=409,
    ),
    "SAID_TOO_MUCH": Explanation(
        zh="“{act}”这一步不带 {fields}",
        en="this step takes no {fields}",
        next_step="去掉这些内容，或改选对应的步骤。",
        status=422,
    ),
    "ITEM_NOT_ASKED": Explanation(
        zh="申请里没有数据项：{items}",
        en="the request does not ask for the items {items}",
        next_step="只能从申请的数据项里选出不同意的。",
        status=409,
    ),
    "ITEMS_ALL_REFUSED": Explanation(
        zh="没有留下任何一个同意的数据项",
        en="no item is left to agree to",
        next_step="全部不同意时选“不予共享”，写明理由。",
        status=409,
    ),
    "CART_FULL": Explanation(
        zh="申请车最多放 {limit} 项",
        en="a cart holds {limit} entries at most",
        next_step="先把已选的提出申请，或移出几项。",
        status=409,
    ),
    "CART_REFUSED": Explanation(
        zh="有 {count} 项资源不能这样申请，一份也没有存",
        en="{count} of the entries cannot be asked for so; no draft was made",
        next_step="按各项所列改正，或移出申请车后重新提交。",
        status=409,
    ),
    "COMMENTS_FULL": Explanation(
        zh="这份申请最多 {limit} 条",
        en="a request takes {limit} of these at most",
        next_step="合并成一条，或写在下一步的意见里。",
        status=409,
    ),
    "PAPER_LARGE": Explanation(
        zh="附件 {size_bytes} 字节，最大 {limit_bytes} 字节",
        en="the file has {size_bytes} bytes; {limit_bytes} at most",
        next_step="压缩图片或拆成几份后重新上传。",
        status=413,
    ),
    "PAPER_EMPTY": Explanation(
        zh="附件“{name}”是空的",
        en="the paper {name} is empty",
        next_step="在电脑上打开看看内容还在不在，重新选择后上传。",
        next_cli="看看文件里的内容还在不在，重新选择后上传。",
        status=422,
    ),
    "PAPER_KIND": Explanation(
        zh="附件只收 {offered}，且内容须与扩展名相符",
        en="papers are {offered}, with content to match",
        next_step="另存为所列格式后重新上传。",
        status=422,
    ),
    "PAPER_NOT_FOUND": Explanation(
        zh="这份申请没有附件 {file_id}",
        en="the request has no file {file_id}",
        next_step="从申请页进入。",
        next_cli="附件编号用 hutong request comments 查看；校核、异议和投诉的用各自的 show。",
        status=404,
    ),
    "CONSENT_CONDITIONAL": Explanation(
        zh="“{title}”不是无条件共享，不能签常设同意",
        en="{title} is not shared unconditionally; a standing consent cannot be given",
        next_step="有条件共享的申请须逐件答复（条例第二十一条）。",
        status=409,
    ),
    "CONSENT_STANDS": Explanation(
        zh="“{title}”现行版本的常设同意仍然有效",
        en="a consent stands for the published version of {title}",
        next_step="无须再签；要改写的，先撤回。",
        status=409,
    ),
    "CONSENT_NOT_FOUND": Explanation(
        zh="没有常设同意 {consent_id}",
        en="there is no standing consent {consent_id}",
        next_step="从“常设同意”页进入。",
        next_cli="编号用 hutong consent list 查看。",
        status=404,
    ),
    "CONSENT_REVOKED": Explanation(
        zh="这份常设同意已经撤回",
        en="this consent has been revoked",
        next_step="需要时重新签署。",
        status=409,
    ),
    "DAY_UNREADABLE": Explanation(
        zh="“{typed}”不是日期",
        en="{typed} is no day",
        next_step="按 2027-12-31 的格式填写。",
        status=422,
    ),
    "DAY_FAR": Explanation(
        zh="{day} 太远了，最晚填 {last}",
        en="{day} is too far ahead; the last day that is taken is {last}",
        next_step="核对年份，改为不晚于此的日期；到期仍需要的，届时再续。",
        status=422,
    ),
    "REFUSAL_REASON": Explanation(
        zh="不予共享须写明目录列明或法定的理由；可用：{reasons}",
        en="a refusal needs a reason that the entry declares or the law gives: {reasons}",
        next_step="从所列理由中选择一项；材料不全应通知补正。",
        status=409,
    ),
}

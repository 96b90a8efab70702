"""What is refused about requests and grants."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "REQUEST_NOT_FOUND": Explanation(
        zh="没有申请 {request_id}，或您不能查看",
        en="there is no request {request_id}, or you may not see it",
        next_step="从“我的申请”进入。",
        status=404,
    ),
    "MOVE_ILLEGAL": Explanation(
        zh="申请当前“{state}”，不能{act}；现在可以：{legal}",
        en="the request's state does not allow this step",
        next_step="刷新页面查看最新状态，按应走的环节办理。",
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
    "STATEMENT_UNSIGNED": Explanation(
        zh="尚未作出真实、合法、必要的承诺",
        en="the statement that the request is true, lawful and necessary is not made",
        next_step="阅读并勾选承诺后重新提交（条例第二十条）。",
        status=409,
    ),
    "TERM_PAST": Explanation(
        zh="使用时限 {valid_until} 不晚于今天",
        en="the term of use, {valid_until}, is not in the future",
        next_step="改为今天以后的日期。",
        status=409,
    ),
    "NOT_SHARED": Explanation(
        zh="“{title}”不予共享：{basis}",
        en="{title} is not shared: {basis}",
        next_step="如对共享属性有异议，请与提供部门协商，或向信息办提出。",
        status=409,
    ),
    "METHOD_NOT_OFFERED": Explanation(
        zh="该目录不以 {method} 方式共享，可选：{offered}",
        en="the entry is not shared by {method}; offered: {offered}",
        next_step="改选所列的共享方式。",
        status=409,
    ),
    "ITEM_UNKNOWN": Explanation(
        zh="“{title}”没有数据项：{items}",
        en="{title} has no items {items}",
        next_step="从目录的数据项中重新选择（用字段名）。",
        status=409,
    ),
    "ITEM_TWICE": Explanation(
        zh="数据项重复：{items}",
        en="items stand twice: {items}",
        next_step="每个数据项只选一次。",
        status=409,
    ),
    "FILTER_ITEM_UNKNOWN": Explanation(
        zh="“{title}”没有用于筛选的数据项：{item}",
        en="{title} has no item {item} to filter by",
        next_step="从目录的数据项中重新选择筛选条件。",
        status=409,
    ),
    "FILTER_ITEM_NOT_ASKED": Explanation(
        zh="筛选所用的数据项 {item} 不在申请的数据项中",
        en="the filter's item {item} is not among the items asked for",
        next_step="把该数据项一并列入申请，或去掉筛选条件。",
        status=409,
    ),
    "FILTER_NOT_EVERYWHERE": Explanation(
        zh="所申请的数据项分在几张库表里，其中 {tables} 没有用于筛选的数据项 {item}，会把不该给的行一并给出",
        en="of the tables that hold what is asked for, {tables} have no item {item} to filter by",
        next_step="分别申请：能筛选的表一份，其余的另提一份；或去掉筛选条件。",
        status=409,
    ),
    "GROUP_SPLIT": Explanation(
        zh="“{title}”的几张库表正按申请 {request_id} 取自同一时点、一起提供，不能只换其中几张",
        en="tables of {title} are provided together under request {request_id}; a part cannot be granted anew alone",
        next_step="新的申请把那几张表的数据项都列上；或先终止原授权。",
        status=409,
    ),
    "NOT_MOUNTED": Explanation(
        zh="“{title}”在任何一个节点上挂接的库表，合起来也没有全部所申请的数据项",
        en="the mounted tables of {title} on no one node hold all the items asked for between them",
        next_step="减少数据项分别申请，或请提供部门挂接库表。",
        status=409,
    ),
    "FILES_WHOLE": Explanation(
        zh="“{title}”以文件提供，只能整份申请；还没选：{missing}",
        en="{title} is provided as files, which travel whole; not asked for: {missing}",
        next_step="选全部数据项；用不着的部分较多时，请提供部门改为挂接库表。",
        status=409,
    ),
    "FILES_UNFILTERED": Explanation(
        zh="“{title}”以文件提供，不能按行筛选",
        en="{title} is provided as files, which cannot be filtered by row",
        next_step="改为“全部行”；只需要一部分时，请提供部门改为挂接库表。",
        status=409,
    ),
    "MOUNT_NODE_UNKNOWN": Explanation(
        zh="“{title}”挂接的前置节点 {node} 不是提供部门已注册的节点",
        en="the mount of {title} names the node {node}, which is not an enrolled node of the provider",
        next_step="请提供部门注册该节点，或改正挂接后重新发布。",
        status=409,
    ),
    "NO_NODE": Explanation(
        zh="{org_name}还没有注册前置节点，无法接收数据",
        en="{org_name} has no enrolled exchange node to receive data",
        next_step="请本部门运维先用 hutong node init 注册前置节点。",
        status=409,
    ),
    "NO_SM2_KEYS": Explanation(
        zh="{org_name}的节点 {node_id} 没有国密（SM2）密钥，而此类资源须用国密套件封装",
        en="node {node_id} of {org_name} has no SM2 keys, which entries of this library are sealed with",
        next_step="请该部门运维运行 hutong node rotate --suite 2（身份与解密各一次）后再同意。",
        status=409,
    ),
    "SUPPLEMENT_EMPTY": Explanation(
        zh="补正通知须一次列全缺什么，可列：{parts}",
        en="a supplement notice lists everything missing",
        next_step="勾选缺少的各项，在意见里逐项写明要补什么（条例第二十一条）。",
        status=409,
    ),
    "SUPPLEMENT_ONCE": Explanation(
        zh="上次通知补正时，{parts}已经列入或已是现在的样子，不得再次要求补正",
        en="what was missing at the first notice cannot be asked for again: {parts}",
        next_step="只列上次通知之后改动过的内容，或按现有材料受理（条例第二十一条：一次性告知）。",
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
    "UNTIL_PAST": Explanation(
        zh="期限 {until} 不晚于今天",
        en="the last day, {until}, is not in the future",
        next_step="改为今天以后的日期。",
        status=409,
    ),
    "RENEWAL_STATE": Explanation(
        zh="只有正在使用的授权可以续期",
        en="only a grant in use can be renewed",
        next_step="授权已结束的，另行提出申请；已暂停的，先整改恢复。",
        status=409,
    ),
    "RENEWAL_OPEN": Explanation(
        zh="已经有一份续期申请在办：{request_id}",
        en="a renewal is under way already: {request_id}",
        next_step="在那份申请上继续办理。",
        status=409,
    ),
    "RENEWAL_DAY": Explanation(
        zh="续期后的使用时限须晚于现在的 {valid_until}",
        en="a renewal ends later than {valid_until}",
        next_step="改为更晚的日期；要提前结束的，选“使用目的已实现”或“终止授权”。",
        status=409,
    ),
    "DAY_UNREADABLE": Explanation(
        zh="“{typed}”不是日期",
        en="{typed} is no day",
        next_step="按 2027-12-31 的格式填写。",
        status=422,
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
    "REFUSAL_REASON": Explanation(
        zh="不予共享须写明目录列明或法定的理由；可用：{reasons}",
        en="a refusal needs a reason that the entry declares or the law gives: {reasons}",
        next_step="从所列理由中选择一项；材料不全应通知补正。",
        status=409,
    ),
    "GRANT_NOT_FOUND": Explanation(
        zh="没有授权 {grant_id}，或您不能查看",
        en="there is no grant {grant_id}, or you may not see it",
        next_step="从申请页进入。",
        status=404,
    ),
    "COUNTERSIGNATURE_OTHER": Explanation(
        zh="会签内容与授权 {grant_id} 不符",
        en="the countersignature is not about the exact bytes of grant {grant_id}",
        next_step="在节点上重新同步目录后再会签；若仍不符，按安全事件处理。",
        status=409,
    ),
}

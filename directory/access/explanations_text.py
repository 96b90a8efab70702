"""What is refused about what a request asks for: it could not be granted so."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

TEXT: Final[Mapping[str, Explanation]] = {
    "REQUEST_CHANGED": Explanation(
        zh="您看的是第 {read} 稿，申请现在是第 {version} 稿，改了：{parts}",
        en="you read text {read} of the request, which is at text {version} by now; changed: {parts}",
        next_step="打开申请看过现在的内容再办；您填写的还在，没有提交。",
        next_cli="用 hutong request show 看过现在的内容再办；没有提交。",
        status=409,
    ),
    "REQUEST_MOVED": Explanation(
        zh="您打开这份申请以后，{by} 在 {at} 办了“{act}”，现在是“{state}”",
        en="after you opened this request {by} took the step {act} at {at}; it is now: {state}",
        next_step="看过现在的情况再决定；您填写的还在，没有提交。",
        next_cli="用 hutong request show 看过现在的情况再决定；没有提交。",
        status=409,
    ),
    "STATEMENT_UNSIGNED": Explanation(
        zh="尚未作出真实、合法、必要的承诺",
        en="the statement that the request is true, lawful and necessary is not made",
        next_step="阅读并勾选承诺后重新提交（条例第二十条）。",
        next_cli="阅读承诺，在所写的 JSON 里把 statement 设为 true 后重新提交（条例第二十条）。",
        status=409,
    ),
    "PART_BLANK": Explanation(
        zh="{parts}里没有看得见的文字",
        en="no word can be read in: {parts}",
        next_step="用文字写明后重新提交（条例第二十条）。",
        status=422,
    ),
    "TERM_PAST": Explanation(
        zh="使用时限 {valid_until} 不晚于今天",
        en="the term of use, {valid_until}, is not in the future",
        next_step="改为今天以后的日期。",
        status=409,
    ),
    "TERM_OVER": Explanation(
        zh="申请的使用时限 {valid_until} 已过，同意也无从提供",
        en="the term of use asked for, {valid_until}, is over; there is nothing left to agree to",
        next_step="选“通知补正”，只列使用时限：需求部门填报新的使用时限后重新提交、重新计时；不得因此直接拒绝（条例第二十一条）。",
        next_cli="用 hutong request move supplement_asked … --missing valid_until 通知补正，只列使用时限："
        "需求部门填报新的使用时限后重新提交、重新计时；不得因此直接拒绝（条例第二十一条）。",
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
    "NODE_UNCONFIRMED": Explanation(
        zh="{org_name}的节点 {node_id} 的指纹还没有人核对，不能向它授权，也不能由它提供",
        en="nobody has compared the fingerprint of node {node_id} of {org_name}; nothing is granted to it or from it",
        next_step="请信息办系统管理员电话或当面核对指纹（对方运行 hutong node keys 念出，在“节点”页填入），再来同意；"
        "本申请不变，时限照常计算。",
        next_cli="请信息办系统管理员电话或当面核对指纹并确认节点（对方运行 hutong node keys 念出），"
        "再来同意；本申请不变，时限照常计算。",
        status=409,
    ),
    "NO_SM2_KEYS": Explanation(
        zh="{org_name}的节点 {node_id} 没有国密（SM2）密钥，而此类资源须用国密套件封装",
        en="node {node_id} of {org_name} has no SM2 keys, which entries of this library are sealed with",
        next_step="请该部门运维运行 hutong node rotate --suite 2（身份与解密各一次）后再同意。",
        status=409,
    ),
}

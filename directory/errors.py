"""Errors of the directory: one class, and one table of codes put together from the features' own."""

from collections.abc import Mapping
from typing import ClassVar, Final

from directory.access.explanations import EXPLANATIONS as ACCESS
from directory.accounts.explanations import EXPLANATIONS as ACCOUNTS
from directory.audit.explanations import EXPLANATIONS as AUDIT
from directory.backflow.explanations import EXPLANATIONS as BACKFLOW
from directory.batch_decisions.explanations import EXPLANATIONS as BATCH
from directory.collection_check.explanations import EXPLANATIONS as COLLECTION_CHECK
from directory.complaints.explanations import EXPLANATIONS as COMPLAINTS
from directory.corrections.explanations import EXPLANATIONS as CORRECTIONS
from directory.deciders.explanations import EXPLANATIONS as DECIDERS
from directory.delegations.explanations import EXPLANATIONS as DELEGATIONS
from directory.demands.explanations import EXPLANATIONS as DEMANDS
from directory.duties.explanations import EXPLANATIONS as DUTIES
from directory.editing.explanations import EXPLANATIONS as EDITING
from directory.entrustments.explanations import EXPLANATIONS as ENTRUSTMENTS
from directory.exchange_status.explanations import EXPLANATIONS as EXCHANGE
from directory.fidelity.explanations import EXPLANATIONS as FIDELITY
from directory.holidays.explanations import EXPLANATIONS as HOLIDAYS
from directory.imports.explanations import EXPLANATIONS as IMPORTS
from directory.libraries.explanations import EXPLANATIONS as LIBRARIES
from directory.lists.explanations import EXPLANATIONS as LISTS
from directory.matters.explanations import EXPLANATIONS as MATTERS
from directory.negatives.explanations import EXPLANATIONS as NEGATIVES
from directory.nodes.explanations import EXPLANATIONS as NODES
from directory.notices.explanations import EXPLANATIONS as NOTICES
from directory.objections.explanations import EXPLANATIONS as OBJECTIONS
from directory.offers.explanations import EXPLANATIONS as OFFERS
from directory.orders.explanations import EXPLANATIONS as ORDERS
from directory.organisations.explanations import EXPLANATIONS as ORGANISATIONS
from directory.people.explanations import EXPLANATIONS as PEOPLE
from directory.prefixes.explanations import EXPLANATIONS as PREFIXES
from directory.probes.explanations import EXPLANATIONS as PROBES
from directory.proposals.explanations import EXPLANATIONS as PROPOSALS
from directory.rates.explanations import EXPLANATIONS as RATES
from directory.ratings.explanations import EXPLANATIONS as RATINGS
from directory.reconciliations.explanations import EXPLANATIONS as RECONCILIATIONS
from directory.reform.explanations import EXPLANATIONS as REFORM
from directory.reminders.explanations import EXPLANATIONS as REMINDERS
from directory.resolve.explanations import EXPLANATIONS as RESOLVE
from directory.resources.explanations import EXPLANATIONS as RESOURCES
from directory.responsibilities.explanations import EXPLANATIONS as RESPONSIBILITIES
from directory.rules.explanations import EXPLANATIONS as RULES
from directory.search.explanations import EXPLANATIONS as SEARCH
from directory.services.explanations import EXPLANATIONS as SERVICES
from directory.situations.explanations import EXPLANATIONS as SITUATIONS
from directory.statistics.explanations import EXPLANATIONS as STATISTICS
from directory.tokens.explanations import EXPLANATIONS as TOKENS
from directory.unused.explanations import EXPLANATIONS as UNUSED
from directory.uses.explanations import EXPLANATIONS as USES
from standards.errors import ExplainedError, Explanation

_SERVICE: Final[Mapping[str, Explanation]] = {
    "NOT_FOUND": Explanation(
        zh="没有这个地址：{path}",
        en="there is nothing at {path}",
        next_step="核对地址，或从首页进入。",
        next_cli="核对地址。",
        status=404,
    ),
    "METHOD_NOT_ALLOWED": Explanation(
        zh="此地址不支持 {method}",
        en="{method} is not supported here",
        next_step="接口说明见 /openapi.json。",
        status=405,
    ),
    "INPUT_MALFORMED": Explanation(
        zh="提交的内容不符合格式，涉及字段：{fields}",
        en="the input is malformed in: {fields}",
        next_step="按所列各条（接口的 findings）改正后重新提交。",
        next_cli="按所列各条改正后重新提交。",
        status=422,
    ),
    "BODY_TOO_LARGE": Explanation(
        zh="提交的内容超过 {limit_bytes} 字节",
        en="the body is over {limit_bytes} bytes",
        next_step="拆成几次提交。",
        status=413,
    ),
    "BODY_KEYS_MANY": Explanation(
        zh="提交的内容里有一个对象带 {count} 个字段，最多 {limit} 个",
        en="an object in the body has {count} keys; {limit} at most",
        next_step="按接口说明（/openapi.json）只提交有定义的字段。",
        next_cli="只写接口说明（/openapi.json）里有的字段。",
        status=422,
    ),
    "BODY_VALUES_MANY": Explanation(
        zh="提交的内容里至少有 {count} 个{what}，最多 {limit} 个",
        en="the body has at least {count} values or objects; {limit} at most",
        next_step="拆成几次提交。",
        status=422,
    ),
    "TOO_OFTEN": Explanation(
        zh="短时间内请求过多，{wait_seconds} 秒后再试",
        en="asked too often; try again in {wait_seconds} s",
        next_step="按 Retry-After 所示的秒数等待后继续；整批取用请逐页进行。",
        status=429,
        is_transient=True,
    ),
    "FILE_INFECTED": Explanation(
        zh="文件被查出含有恶意代码，没有保存",
        en="the file holds malware and was not kept",
        next_step="在本机查杀后换一份文件再上传；认为是误报的，请联系运维人员。",
        status=422,
    ),
    "SCANNER_AWAY": Explanation(
        zh="病毒扫描服务没有给出结果，文件没有保存",
        en="the malware scanner gave no result; the file was not kept",
        next_step="请稍后重试；运维人员检查 HUTONG_SCANNER 所指的 clamd 是否在运行。",
        status=503,
        is_transient=True,
    ),
    "TEXT_NOT_STORABLE": Explanation(
        zh="文字中含有不能存储的字符（如 NUL）",
        en="the text holds a character that cannot be stored (such as NUL)",
        next_step="删除不可见字符后重新提交。",
        status=422,
    ),
    "BUSY": Explanation(
        zh="系统繁忙，操作没有执行",
        en="the database is busy; nothing was done",
        next_step="请稍后重试。",
        status=503,
        is_transient=True,
    ),
    "DATABASE_AWAY": Explanation(
        zh="数据库暂时无法连接，操作没有执行",
        en="the database cannot be reached; nothing was done",
        next_step="请稍后重试；运维人员可执行 hutong db status 查看。",
        status=503,
        is_transient=True,
    ),
    "UNEXPECTED": Explanation(
        zh="系统内部错误，编号 {error_id}",
        en="an internal error, id {error_id}",
        next_step="请将编号告知运维人员；操作没有保存。",
        status=500,
    ),
}


class DirectoryError(ExplainedError):
    """Something the directory refuses, with its reason and what to do next."""

    explanations: ClassVar[Mapping[str, Explanation]] = {
        **ACCESS,
        **ACCOUNTS,
        **AUDIT,
        **BACKFLOW,
        **BATCH,
        **COLLECTION_CHECK,
        **COMPLAINTS,
        **CORRECTIONS,
        **DECIDERS,
        **DELEGATIONS,
        **DEMANDS,
        **DUTIES,
        **EDITING,
        **ENTRUSTMENTS,
        **EXCHANGE,
        **FIDELITY,
        **HOLIDAYS,
        **IMPORTS,
        **LIBRARIES,
        **LISTS,
        **MATTERS,
        **NEGATIVES,
        **NODES,
        **NOTICES,
        **OBJECTIONS,
        **OFFERS,
        **ORDERS,
        **ORGANISATIONS,
        **PEOPLE,
        **PREFIXES,
        **PROBES,
        **PROPOSALS,
        **RATES,
        **RATINGS,
        **RECONCILIATIONS,
        **REFORM,
        **REMINDERS,
        **RESOLVE,
        **RESOURCES,
        **RESPONSIBILITIES,
        **RULES,
        **SEARCH,
        **SERVICES,
        **SITUATIONS,
        **STATISTICS,
        **TOKENS,
        **UNUSED,
        **USES,
        **_SERVICE,
    }

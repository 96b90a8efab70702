"""Errors of the directory: one class, one table of codes. A code is stable, its words may be improved."""

from collections.abc import Mapping
from typing import ClassVar

from standards.errors import ExplainedError, Explanation


class DirectoryError(ExplainedError):
    """Something the directory refuses, with its reason and what to do next."""

    explanations: ClassVar[Mapping[str, Explanation]] = {
        # Who is asking
        "UNAUTHENTICATED": Explanation(
            zh="尚未登录，或登录已失效",
            en="not signed in, or the session has ended",
            next_step="请重新登录后再试。",
            status=401,
        ),
        "LOGIN_FAILED": Explanation(
            zh="用户名或密码不正确",
            en="the user name or the password is wrong",
            next_step="核对后重新输入；忘记密码请联系本单位系统管理员。",
            status=401,
        ),
        "LOGIN_LOCKED": Explanation(
            zh="连续 {tries} 次登录失败，已暂停登录 {minutes} 分钟",
            en="{tries} failed attempts in a row; signing in is paused for {minutes} minutes",
            next_step="请稍后再试；若不是本人操作，请告知安全管理员。",
            status=429,
            is_transient=True,
        ),
        "CSRF_REFUSED": Explanation(
            zh="页面凭据已失效，本次操作没有执行",
            en="the page's CSRF token is missing or stale; nothing was done",
            next_step="请刷新页面后重新提交。",
            status=403,
        ),
        "FORBIDDEN": Explanation(
            zh="无权进行此操作：{reason}",
            en="not permitted ({action})",
            next_step="请由具有相应角色的人员办理，或联系安全管理员。",
            status=403,
        ),
        "SELF_APPROVAL": Explanation(
            zh="不得审批自己编写或提出的事项",
            en="nobody approves what they wrote or asked for themselves",
            next_step="请由另一位有权人员审批。",
            status=403,
        ),
        # People and departments
        "ACCOUNT_EXISTS": Explanation(
            zh="账号 {username} 已存在",
            en="the account {username} exists already",
            next_step="换一个用户名。",
            status=409,
        ),
        "ACCOUNT_INVALID": Explanation(
            zh="账号不符合要求：{reason}",
            en="the account is not acceptable: {reason}",
            next_step="按提示修改后重试。",
        ),
        "ROLES_EXCLUSIVE": Explanation(
            zh="系统管理员、安全管理员、审计管理员必须分设，一人只能担任其一",
            en="system, security and audit administrator are mutually exclusive",
            next_step="为另外的角色使用另一个账号。",
            status=409,
        ),
        "ORGANISATION_EXISTS": Explanation(
            zh="部门 {name} 与已有部门的代码、名称或前段码重复",
            en="the department {name} repeats another's code, name or prefix",
            next_step="用 hutong org list 查看已有部门。",
            status=409,
        ),
        "ORGANISATION_UNKNOWN": Explanation(
            zh="没有登记部门 {code}",
            en="there is no department {code}",
            next_step="先用 hutong org add 登记该部门。",
            status=404,
        ),
        "ORGANISATION_INVALID": Explanation(
            zh="部门信息不符合要求：{reason}",
            en="the department is not acceptable: {reason}",
            next_step="按提示修改后重试。",
        ),
        # Catalogue
        "RESOURCE_NOT_FOUND": Explanation(
            zh="没有目录 {ref}，或您不能查看",
            en="there is no resource {ref}, or you may not see it",
            next_step="核对标识符，或从检索页进入。",
            status=404,
        ),
        "RESOURCE_WITHDRAWN": Explanation(
            zh="目录 {ref} 已于 {on} 撤销",
            en="the resource {ref} was withdrawn on {on}",
            next_step="标识符不再指向任何数据，也不会再用；请检索替代的目录。",
            status=410,
        ),
        "RESOURCE_REFUSED": Explanation(
            zh="目录内容有 {count} 处错误：{first}",
            en="the record has {count} errors; the first: {first_en}",
            next_step="按 findings 逐条改正后重新提交。",
        ),
        "RESOURCE_INCOMPLETE": Explanation(
            zh="还不能发布，缺 {count} 项：{first}",
            en="not ready to publish, {count} things are missing; the first: {first_en}",
            next_step="按 findings 逐条补齐后再办理。",
            status=409,
        ),
        "XML_NOT_EQUAL": Explanation(
            zh="目录写成核心元数据 XML 再读回后不一致：{what}",
            en="the record written to core-metadata XML does not read back equal: {what}",
            next_step="去掉所指字段中不能写入 XML 的字符后重新提交。",
        ),
        "VERSION_CHANGED": Explanation(
            zh="目录已被他人更新为第 {version} 版，您的修改没有保存",
            en="the entry has moved on to version {version}; your change was not saved",
            next_step="重新打开最新版本，合并后再保存。",
            status=412,
        ),
        "VERSION_REQUIRED": Explanation(
            zh="修改目录须说明所依据的版本",
            en="an edit must say which version it is based on",
            next_step='在 If-Match 请求头中给出版本号，例如 If-Match: "3"。',
            status=428,
        ),
        "STATUS_FORBIDS": Explanation(
            zh="目录当前状态为“{status}”，不能{what}",
            en="the entry is {status}; this cannot be done now",
            next_step="先撤回或退回为草稿，或刷新页面查看最新状态。",
            status=409,
        ),
        "COMMENT_REQUIRED": Explanation(
            zh="此操作须写明理由",
            en="this step needs a comment",
            next_step="填写理由后重新提交。",
            status=409,
        ),
        "IDENTIFIER_RESERVED": Explanation(
            zh="“{value}”属于本目录自行编制的号段，不能由外部指定",
            en="{value} lies in a range that this directory mints itself",
            next_step="留空标识符和资源代码，由系统赋码。",
            status=409,
        ),
        "IDENTIFIER_TAKEN": Explanation(
            zh="标识符或资源代码“{value}”已被使用",
            en="the identifier or code {value} is taken",
            next_step="标识符不重复使用；留空由系统赋码。",
            status=409,
        ),
        "IDENTIFIER_FIXED": Explanation(
            zh="标识符和资源代码赋码后不能更改",
            en="identifier and code cannot be changed once minted",
            next_step="恢复原来的标识符和代码后再保存。",
            status=409,
        ),
        "ASSESSMENT_SEPARATE": Explanation(
            zh="评估记录不能随目录内容提交或修改",
            en="assessments are recorded on their own, never with the record",
            next_step="保存目录后，通过“登记评估”逐项登记。",
            status=409,
        ),
        # Requests and grants
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
        "NOT_MOUNTED": Explanation(
            zh="“{title}”没有一张挂接的库表包含全部所申请的数据项",
            en="no mounted table of {title} holds all the items asked for",
            next_step="减少数据项分别申请，或请提供部门挂接库表。",
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
        "SUPPLEMENT_ONCE": Explanation(
            zh="已经通知过一次补正，不得再次要求",
            en="a supplement was asked for once already; the law allows one notice",
            next_step="按现有材料受理（条例第二十一条：一次性告知）。",
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
        # Nodes
        "NODE_NOT_FOUND": Explanation(
            zh="没有注册的节点 {node_id}",
            en="there is no enrolled node {node_id}",
            next_step="核对节点名称，或先注册该节点。",
            status=404,
        ),
        "NODE_NAME_TAKEN": Explanation(
            zh="节点名称 {name} 或其密钥已注册过",
            en="the node name {name} or its key is enrolled already",
            next_step="换一个名称，并用新的密钥注册。",
            status=409,
        ),
        "NODE_REVOKED": Explanation(
            zh="节点 {node_id} 已被注销，不再受信任",
            en="the node {node_id} is revoked",
            next_step="联系信息办；如需恢复，用新的名称和密钥重新注册。",
            status=403,
        ),
        "NOT_THIS_NODE": Explanation(
            zh="节点 {caller} 不能代替 {node_id} 发言",
            en="the node {caller} cannot speak for {node_id}",
            next_step="由该节点自己上报。",
            status=403,
        ),
        "NOT_AN_END": Explanation(
            zh="节点 {node_id} 与路线 {route_id} 的这一事项无关",
            en="this matter of route {route_id} is not for node {node_id} to speak on",
            next_step="核对路线编号；由相应一方的节点上报。",
            status=403,
        ),
        "ROUTE_UNKNOWN": Explanation(
            zh="没有路线 {route_id}",
            en="there is no route {route_id}",
            next_step="核对授权中的路线编号。",
            status=404,
        ),
        "RECEIPT_CONFLICT": Explanation(
            zh="路线 {route_id} 第 {seq} 批的回执与此前的摘要不同",
            en="the receipt for batch {seq} of route {route_id} names another digest than this party's earlier one",
            next_step="停止该路线，核对两端的批次；按安全事件处理。",
            status=409,
        ),
        "TOKEN_REFUSED": Explanation(
            zh="节点注册码无效、已用过或已过期",
            en="the enrolment token is unknown, used or expired",
            next_step="请信息办重新发放注册码。",
            status=403,
        ),
        "ENROLMENT_REFUSED": Explanation(
            zh="节点注册内容不符：{reason}",
            en="the enrolment statement does not fit its token",
            next_step="用发放注册码时登记的名称和类型重新注册。",
            status=409,
        ),
        "TOO_MANY_AT_ONCE": Explanation(
            zh="一次最多上报 {limit} 条",
            en="at most {limit} records at once",
            next_step="分几次上报。",
            status=413,
        ),
        # Machinery
        "NOT_FOUND": Explanation(
            zh="没有这个地址：{path}",
            en="there is nothing at {path}",
            next_step="核对地址，或从首页进入。",
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
            next_step="按 findings 逐条改正后重新提交。",
            status=422,
        ),
        "BODY_TOO_LARGE": Explanation(
            zh="提交的内容超过 {limit_bytes} 字节",
            en="the body is over {limit_bytes} bytes",
            next_step="拆成几次提交。",
            status=413,
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
        # Audit
        "AUDIT_BROKEN": Explanation(
            zh="审计日志不一致：{what}",
            en="the audit log is inconsistent: {what}",
            next_step="停止办理，保留现场，并通知审计管理员执行 hutong audit verify --live。",
            status=503,
        ),
        "EVIDENCE_UNREADABLE": Explanation(
            zh="证据文件读不出：{what}",
            en="the evidence cannot be read: {what}",
            next_step="用 hutong audit export 重新导出。",
        ),
    }

"""What is refused about catalogue entries."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "RESOURCE_NOT_FOUND": Explanation(
        zh="没有目录 {ref}，或您不能查看",
        en="there is no resource {ref}, or you may not see it",
        next_step="核对标识符，或从检索页进入。",
        next_cli="核对标识符，或用 hutong catalogue search 查找。",
        status=404,
    ),
    "RESOURCE_WITHDRAWN": Explanation(
        zh="目录 {ref} 已于 {on} 撤销",
        en="the resource {ref} was withdrawn on {on}",
        next_step="标识符不再指向任何数据，也不会再用；请检索替代的目录。",
        status=410,
    ),
    "RESOURCE_SUSPENDED": Explanation(
        zh="目录 {ref} 自 {on} 起暂停",
        en="the resource {ref} has been suspended since {on}",
        next_step="请联系提供部门或信息办了解恢复时间。",
        status=409,
    ),
    "RESOURCE_REFUSED": Explanation(
        zh="目录内容有 {count} 处错误：{first}",
        en="the record has {count} errors; the first: {first_en}",
        next_step="按所列各条（接口的 findings）改正后重新提交。",
        next_cli="按所列各条改正后重新提交。",
    ),
    "RESOURCE_INCOMPLETE": Explanation(
        zh="还不能发布，缺 {count} 项：{first}",
        en="not ready to publish, {count} things are missing; the first: {first_en}",
        next_step="按所列各条（接口的 findings）补齐后再办理。",
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
        next_cli="用 hutong catalogue show --json 取出最新版本，合并后再提交。",
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
        next_cli="用 hutong catalogue show 查看现在的状态；要改的先撤回（recall）或退回（return）为草稿。",
        status=409,
    ),
    "COMMENT_REQUIRED": Explanation(
        zh="此操作须写明理由",
        en="this step needs a comment",
        next_step="填写理由后重新提交。",
        status=409,
    ),
    "REMARK_INVALID": Explanation(
        zh="对“{path}”的退回意见不成立：{reason}",
        en="the remark on {path} cannot be taken",
        next_step="意见须指向目录的字段（如 abstract、items[3].name）并写明理由。",
    ),
    "REMARKS_MISPLACED": Explanation(
        zh="“{step}”不附逐项意见，只有退回修改才附",
        en="remarks belong to a return only",
        next_step="去掉逐项意见，或改为退回修改。",
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
    "IMPORT_EMPTY": Explanation(
        zh="文件里没有可导入的目录（表头下 {rows} 行）",
        en="the file has no entry to import ({rows} rows below its header)",
        next_step="在表头下按模板填写目录后重新导入；用 dry-run 试导入可看到每行的问题。",
    ),
    "IMPORT_REFUSED": Explanation(
        zh="{good} 条目录没有问题，{count} 条不能导入，所以一条也没有导入；第一条在{first}",
        en="of the records {good} would do, {count} would not, so none was imported; the first of those is at {first}",
        next_step="{ways}按所列位置改正后重新导入，已导入过的不会重复。",
        status=409,
    ),
    "ASSESSMENT_DAY": Explanation(
        zh="评估日期 {day} 太早，不应早于 {earliest}",
        en="no assessment was made as early as {day}; the first day that is taken is {earliest}",
        next_step="填实际评估的那一天。",
        status=422,
    ),
    "ASSESSMENT_FILE_LARGE": Explanation(
        zh="评估文件有 {size_bytes} 字节，最多 {limit_bytes} 字节",
        en="the assessment's file has {size_bytes} bytes; {limit_bytes} at most",
        next_step="压缩扫描件，或只附评估报告正文后重新提交。",
        status=413,
    ),
    "ASSESSMENT_FILE_KIND": Explanation(
        zh="评估文件只收 {offered}，且内容须与后缀相符",
        en="an assessment's file must be one of {offered}, with content to match",
        next_step="另存为 PDF 或 OFD 后重新提交。",
    ),
    "ASSESSMENT_FILE_NOT_FOUND": Explanation(
        zh="第 {number} 项评估没有附文件，或您不能查看",
        en="assessment {number} has no file, or you may not see it",
        next_step="从目录页“共享与评估”进入。",
        next_cli="编号用 hutong catalogue assessments 查看。",
        status=404,
    ),
    "ASSESSMENT_SEPARATE": Explanation(
        zh="评估记录不能随目录内容提交或修改",
        en="assessments are recorded on their own, never with the record",
        next_step="保存目录后，通过“登记评估”逐项登记。",
        next_cli="改好目录后，用 hutong catalogue assess 逐项登记评估。",
        status=409,
    ),
}

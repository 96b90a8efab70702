"""Why a use record is refused, and what to do."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "USE_NOT_BEGUN": Explanation(
        zh="首批数据还没有到，没有使用可记",
        en="no data have arrived yet, so there is no use to record",
        next_step="首批数据入库后再记；到货情况见申请页的“授权”。",
        next_cli="首批数据入库后再记；到货情况用 hutong exchange status 查看。",
        status=409,
    ),
    "USE_NOT_ENDED": Explanation(
        zh="使用还没有结束，不能记“使用结束”",
        en="the use has not ended",
        next_step="使用期间的情况选“使用期间”；目的已实现的，由负责人先在申请页办“使用目的已实现”。",
        next_cli="使用期间的情况记为 in_use；目的已实现的，由负责人先用 hutong request move purpose_done 办理。",
        status=409,
    ),
    "USE_DAYS": Explanation(
        zh="记录的起止日期须在首批数据到达（{began_on}）之后、今天之前，且起不晚于止",
        en="a record speaks of days between the first delivery, {began_on}, and today",
        next_step="改正起止日期后重新提交。",
        status=409,
    ),
    "USE_INCOMPLETE": Explanation(
        zh="“{occasion}”的记录还缺：{missing}（条例第二十九条）",
        en="the record lacks: {missing}",
        next_step="逐项写明；还没有成效的，写明到目前为止的情况。",
        status=422,
    ),
    "USE_ITEM_UNKNOWN": Explanation(
        zh="授权里没有这些数据项：{items}",
        en="not granted: {items}",
        next_step="只填授权的数据项，名称见申请页的数据项表的“字段”。",
        next_cli="只填授权的数据项（字段名），用 hutong request show 查看。",
        status=409,
    ),
    "USE_RECORD_NOT_FOUND": Explanation(
        zh="没有第 {seq} 号使用记录",
        en="there is no use record {seq}",
        next_step="核对编号，使用记录页按编号列出。",
        next_cli="核对编号，hutong use show 按编号列出使用记录。",
        status=404,
    ),
    "USE_CORRECTED": Explanation(
        zh="第 {seq} 号记录已由第 {by} 号更正",
        en="record {seq} has been corrected by record {by}",
        next_step="对第 {by} 号再作更正。",
        status=409,
    ),
    "USE_CORRECTION": Explanation(
        zh="更正须写明更正第几号记录和更正的理由",
        en="a correction names the record that it corrects, and why",
        next_step="两样都填，或者都不填。",
        status=422,
    ),
    "USE_TOO_MANY": Explanation(
        zh="这项授权已有 {limit} 份使用记录",
        en="this grant has {limit} use records already",
        next_step="把几次的情况合并在一份里；确有需要的联系信息办。",
        status=409,
    ),
}

"""What is refused about objections."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "OBJECTION_REQUEST": Explanation(
        zh="{topic}要指明是哪一份申请",
        en="an objection of this kind names the request it is about",
        next_step="从申请页面提出，或填写申请编号。",
        next_cli="写明申请编号；编号用 hutong request list 查看。",
        status=422,
    ),
    "OBJECTION_PARTY": Explanation(
        zh="本部门不能就此提出{topic}",
        en="this department is not the one that can raise this kind of objection here",
        next_step="授权异议由申请部门提出，使用异议由提供部门提出；目录、内容、资源异议对其他部门的目录提出。",
        status=409,
    ),
    "OBJECTION_IS_DISPUTE": Explanation(
        zh="这份申请已答复不予共享，争议在申请上提出",
        en="the request was refused: that is disputed on the request itself",
        next_step="到申请页面选“提出争议”（条例第二十八条）。",
        next_cli="用 hutong request move disputed 提出争议（条例第二十八条）。",
        status=409,
    ),
    "OBJECTION_CORRECTION": Explanation(
        zh="只有本部门提出、答复为“核实无误”的校核申请可以转为内容异议",
        en="only a correction that this department raised and that was answered to be not wrong leads to an objection",
        next_step="先等校核答复；或不引用校核申请，直接提出异议。",
        status=409,
    ),
    "OBJECTION_OUTCOME": Explanation(
        zh="答复没有写明异议是否成立",
        en="the answer does not say whether the objection holds",
        next_step="从成立、部分成立、不成立中选一项。",
        status=422,
    ),
}

"""What is refused about forms."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "FORM_FIELD_UNKNOWN": Explanation(
        zh="表单里没有“{name}”这个字段",
        en="the form has no field {name}",
        next_step="请从页面上的表单提交；页面开得太久时，先刷新再填。",
        next_cli="改用 hutong catalogue edit，字段同 hutong catalogue show --json 的输出。",
        status=422,
    ),
    "FORM_TEXT_LONG": Explanation(
        zh="写下的文字最长 {most} 个字，现在是 {count} 个",
        en="what is written has at most {most} characters, and this has {count}",
        next_step="缩短后重新提交；填写的内容都还在。",
        next_cli="缩短后重新提交。",
        status=422,
    ),
    "FORM_ROWS_MANY": Explanation(
        zh="{table}超过 {most} 行",
        en="the table {table} has over {most} rows",
        next_step="行数很多时请用工作簿导入，或拆成几条目录。",
        status=422,
    ),
}

"""What the coded values of a catalogue entry are called in Chinese, for pages, lists and comparisons."""

from collections.abc import Mapping
from typing import Final

from standards.codes import table

SHARE_TYPES: Final[Mapping[str, str]] = {
    "unconditional": "无条件共享",
    "conditional": "有条件共享",
    "none": "不予共享",
}
LIBRARIES: Final[Mapping[str, str]] = {code.code: code.label for code in table("base-libraries").codes.values()}
"""The four that every installation begins with; what it has besides stands in its directory's register."""
CYCLES: Final[Mapping[str, str]] = {
    "realtime": "实时",
    "daily": "每日",
    "weekly": "每周",
    "monthly": "每月",
    "quarterly": "每季度",
    "halfyear": "每半年",
    "yearly": "每年",
    "irregular": "不定期",
}
METHODS: Final[Mapping[str, str]] = {"batch": "批量交换", "file": "文件下载", "query": "接口查询"}
MOUNT_KINDS: Final[Mapping[str, str]] = {"table": "库表", "file": "文件", "folder": "文件夹", "service": "接口"}
ASSESSMENTS: Final[Mapping[str, str]] = {"secrecy": "保密风险评估", "personal_information": "个人信息保护影响评估"}
SENSITIVITIES: Final[Mapping[int, str]] = {1: "公开", 2: "内部", 3: "个人信息", 4: "敏感个人信息"}
TYPE_CODES: Final[Mapping[str, str]] = {
    "C": "字符型",
    "N": "数值型",
    "Y": "货币型",
    "D": "日期型",
    "T": "日期时间型",
    "L": "逻辑型",
    "M": "备注型",
    "G": "通用型",
    "B": "双精度型",
    "I": "整型",
    "F": "浮点型",
}

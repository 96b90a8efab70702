"""Places in a catalogue entry: whether ``items[3].name`` is one, and what its field is called in Chinese."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, get_args

from metadata.record import Record
from metadata.resource import Resource
from metadata.words import ASSESSMENTS

_STEP = re.compile(r"([a-z_]{1,40})((?:\[[0-9]{1,6}\])?)")

LABELS: Final[Mapping[str, str]] = {
    "title": "目录名称",
    "identifier": "信息资源标识符",
    "code": "信息资源代码",
    "class_code": "类项目细目",
    "metadata_id": "元数据标识符",
    "abstract": "摘要",
    "provider": "提供单位",
    "provider.name": "提供单位名称",
    "provider.code": "提供单位代码",
    "provider.division": "提供单位内部部门",
    "provider.address": "提供单位地址",
    "maintainer": "维护单位",
    "maintainer.name": "维护单位名称",
    "maintainer.code": "维护单位代码",
    "maintainer.division": "维护单位内部部门",
    "maintainer.address": "维护单位地址",
    "keywords": "关键字",
    "thesaurus": "主题词表",
    "categories": "分类",
    "categories.scheme": "分类方式",
    "categories.name": "类目名称",
    "categories.code": "类目代码",
    "library": "基础库",
    "formats": "数据格式",
    "formats.category": "格式大类",
    "formats.types": "格式类型",
    "formats.other": "其他格式",
    "items": "数据项",
    "items.name": "数据项名称",
    "items.field": "字段名",
    "items.type_code": "数据类型",
    "items.length": "长度",
    "items.precision": "小数位",
    "items.is_key": "主键",
    "items.is_nullable": "可空",
    "items.code_table": "代码表",
    "items.data_element": "数据元",
    "items.data_class": "数据项分类",
    "items.sensitivity": "敏感程度",
    "items.base_item": "基础库数据项",
    "items.lead_department": "数源部门",
    "items.unit": "计量单位",
    "items.description": "数据项说明",
    "sharing": "共享属性",
    "sharing.share_type": "共享类型",
    "sharing.conditions": "共享条件",
    "sharing.scope": "共享范围",
    "sharing.purposes": "使用用途",
    "sharing.legal_basis": "不予共享的依据",
    "sharing.legal_basis.title": "法律、行政法规或国务院决定",
    "sharing.legal_basis.article": "条款",
    "sharing.method_category": "共享方式分类",
    "sharing.method_types": "共享方式",
    "sharing.refusal_reasons": "不予共享的理由",
    "sharing.needs_office_approval": "须信息办一并审批",
    "openness": "开放属性",
    "openness.is_open": "是否向社会开放",
    "openness.conditions": "开放条件",
    "data_class": "数据分类",
    "data_grade": "数据分级",
    "secrecy": "涉密属性",
    "update_cycle": "更新周期",
    "published_on": "发布日期",
    "updated_on": "更新日期",
    "online_links": "在线链接",
    "service_url": "服务地址",
    "service_type": "服务类型",
    "source_system": "来源系统",
    "volumes": "数据量",
    "volumes.stored_gb": "总数据存储量（GB）",
    "volumes.stored_records": "结构化数据总记录数（万条）",
    "volumes.shared_gb": "已共享数据存储量（GB）",
    "volumes.shared_records": "已共享记录数（万条）",
    "volumes.open_gb": "已开放数据存储量（GB）",
    "volumes.open_records": "已开放记录数（万条）",
    "is_microdata": "可识别单个调查对象",
    "extent": "时空范围",
    "extent.region_code": "区划代码",
    "extent.box_mas": "空间范围",
    "extent.crs": "坐标系",
    "extent.scale": "比例尺分母",
    "extent.begins_on": "起始日期",
    "extent.ends_on": "截止日期",
    "related_codes": "关联资源代码",
    "assessments": "评估",
    **{f"assessments.{kind}": name for kind, name in ASSESSMENTS.items()},
    "assessments.kind": "评估种类",
    "assessments.conclusion": "评估结论",
    "assessments.assessor": "评估人",
    "assessments.assessed_on": "评估日期",
    "assessments.subject_digest": "评估所依据的内容",
    "assessments.is_passed": "评估是否通过",
    "mounts": "挂接资源",
    "mounts.mount_id": "挂接标识",
    "mounts.kind": "挂接种类",
    "mounts.node": "前置节点",
    "mounts.schema_name": "模式名",
    "mounts.table": "表名",
    "mounts.path": "文件路径",
    "mounts.url": "接口地址",
    "mounts.media_type": "文件类型",
    "mounts.columns": "挂接字段",
    "mounts.columns.field": "挂接的数据项",
    "mounts.columns.column": "列名",
    "mounts.columns.sql_type": "列类型",
}
"""Every field of ``Resource``, by its path without positions; both assessments by kind, as findings name them."""


def is_path(path: str) -> bool:
    """Whether this is a place in an entry: a field, or a member of one, with positions (``items[3].name``) or without.

    A position is not compared with any entry's length: what it points to may have been taken out since.
    """
    steps = [_STEP.fullmatch(step) for step in path.split(".")]
    if not all(steps):
        return False
    names = [step[1] for step in steps if step is not None]
    listed = [".".join(names[: n + 1]) for n, step in enumerate(steps) if step is not None and step[2]]
    return ".".join(names) in LABELS and set(listed) <= _lists()


def label(path: str) -> str:
    """What a person calls this place: 第 4 个数据项的字段名; the path itself where it is none."""
    plain = re.sub(r"\[[0-9]+\]", "", path)
    name = LABELS.get(plain, path)
    position = re.match(r"([a-z_]+)\[([0-9]+)\](.*)", path)
    if position is None or position[1] not in LABELS:
        return name
    each = f"第 {int(position[2]) + 1} 个{LABELS[position[1]]}"
    return f"{each}的{name}" if position[3] else each


@cache
def _lists() -> frozenset[str]:
    """The paths that hold several values."""
    return frozenset(_list_paths(Resource, ""))


def _list_paths(record: type[Record], front: str) -> list[str]:
    found = []
    for name, field in record.model_fields.items():
        path = f"{front}{name}"
        members = [field.annotation, *get_args(field.annotation)]
        if Ellipsis in members:  # tuple[X, ...]
            found.append(path)
        for member in members:
            if isinstance(member, type) and issubclass(member, Record):
                found += _list_paths(member, f"{path}.")
    return found

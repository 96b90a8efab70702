"""The elements a catalogue sheet may hold, each declared once: its column and its place in the record.

Order and names follow the 2017 guide (发改高技〔2017〕1272号) and the survey template (内部部门, the six volumes); what
Articles 13–15 of the regulation and GB/T 21063 add stands after them. Other names are those of provincial forms and of
open-data portals' exports, in simplified characters: headers are folded before they are compared. What to write in a
column is told in ``template_hints``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

# How a cell is read and written: free words; words between separators; one a line; listed or otherwise shaped values.
Kind = Literal["text", "words", "lines", "date", "flag", "number", "special"]


@dataclass(frozen=True)
class Element:
    """One column: ``label`` heads it in our template, ``names`` are other headers that stand for it.

    ``path`` is its place in the ``Resource``, or in the ``Item`` where the key begins with ``item_``; empty where
    several columns make one value. ``table`` names the code table of what can be chosen; ``characters`` is the most a
    cell may hold. Among free words the name of a column is a good value: an item may well be called 更新时间.
    """

    key: str
    label: str
    names: tuple[str, ...] = ()
    path: str = ""
    kind: Kind = "text"
    table: str = ""
    characters: int = 2_000
    is_required: bool = False
    is_free: bool = False

    @property
    def is_item(self) -> bool:
        """Whether the column describes one item of the entry."""
        return self.key.startswith("item_")


def _of(key: str, label: str, names: str = "", path: str = "", kind: Kind = "text", **more: Any) -> Element:
    return Element(key, label, tuple(names.split()), path, kind, **more)


_ENTRY: Final = (
    _of("class_code", "信息资源分类", "资源分类代码 目录分类代码", "class_code", characters=32),
    _of(
        "title",
        "信息资源名称",
        "资源名称 目录名称 数据集名称 数据目录名称 资料集名称 名称 数据资源名称 信息资源目录名称",
        "title",
        characters=500,
        is_required=True,
        is_free=True,
    ),
    _of("code", "信息资源代码", "资源代码 信息资源编码 资源编码 代码", "code", characters=200),
    _of(
        "provider",
        "信息资源提供方",
        "来源部门 资源提供方 提供方 提供部门 提供单位 数源部门 提供机关名称 提供机关 数据提供方 数据提供部门 "
        "数据提供单位 发布机构 发布单位 数源单位 归属部门 归属单位 资源提供部门 资源提供单位",
        "provider.name",
        characters=200,
        is_required=True,
    ),
    _of("division", "提供方内部部门", "内部部门 提供处室 内设机构", "provider.division", characters=200),
    _of(
        "provider_code",
        "信息资源提供方代码",
        "提供方代码 资源提供方代码 统一社会信用代码 提供部门代码",
        "provider.code",
        characters=32,
    ),
    _of(
        "abstract",
        "信息资源摘要",
        "摘要 资源摘要 描述 资源描述 数据描述 内容摘要 资料集描述 数据集描述 资料描述 数据集简介 资源简介 "
        "内容描述 内容简介 目录摘要 数据摘要",
        "abstract",
        characters=10000,
        is_required=True,
        is_free=True,
    ),
    _of(
        "format_category",
        "信息资源格式分类",
        "格式分类 资源格式分类",
        "",
        "lines",
        table="guide2017-format-category",
        is_required=True,
    ),
    _of(
        "format",
        "信息资源格式类型",
        "格式 分发格式 信息资源格式 资源格式 格式类型 资料格式 档案格式 数据格式",
        "",
        "lines",
        table="guide2017-format-type",
        is_required=True,
    ),
    _of("format_other", "其他类型资源格式描述", "格式其他描述 其他格式描述 其他描述", "", "lines"),
    _of("volume_stored_gb", "数据存储总量(GB)", "存储总量", "volumes.stored_gb", "special", characters=40),
    _of(
        "volume_stored_records",
        "结构化信息记录总数(万条)",
        "结构化记录总数",
        "volumes.stored_records",
        "special",
        characters=40,
    ),
    _of(
        "volume_shared_gb", "已共享的数据存储量(GB)", "已共享数据存储量", "volumes.shared_gb", "special", characters=40
    ),
    _of(
        "volume_shared_records",
        "已共享的结构化记录数(万条)",
        "已共享结构化记录数",
        "volumes.shared_records",
        "special",
        characters=40,
    ),
    _of("volume_open_gb", "已开放的数据存储量(GB)", "已开放数据存储量", "volumes.open_gb", "special", characters=40),
    _of(
        "volume_open_records",
        "已开放的结构化记录数(万条)",
        "已开放结构化记录数",
        "volumes.open_records",
        "special",
        characters=40,
    ),
    _of(
        "share_type",
        "共享类型",
        "共享属性",
        "sharing.share_type",
        "special",
        table="guide2017-share-type",
        is_required=True,
    ),
    _of("share_conditions", "共享条件", "使用要求 共享条件说明", "sharing.conditions", is_free=True),
    _of("share_scope", "共享范围", "", "sharing.scope", is_free=True),
    _of("share_purposes", "使用用途", "共享用途", "sharing.purposes", "lines", is_free=True),
    _of("legal_basis", "不予共享依据", "共享依据 法律依据", "", "special", is_free=True),
    _of("share_method_category", "共享方式分类", "", "sharing.method_category", table="guide2017-method-category"),
    _of(
        "share_method",
        "共享方式类型",
        "共享方式",
        "sharing.method_types",
        "special",
        table="guide2017-method-type",
        is_required=True,
    ),
    _of(
        "openness",
        "是否向社会开放",
        "开放状态 开放属性 开放类型",
        "openness.is_open",
        "special",
        is_required=True,
    ),
    _of("open_conditions", "开放条件", "", "openness.conditions", is_free=True),
    _of(
        "update_cycle",
        "更新周期",
        "更新频率 更新频度 数据更新频率 数据更新频度 数据更新周期",
        "update_cycle",
        "special",
        table="guide2017-update-cycle",
        is_required=True,
    ),
    _of(
        "published_on",
        "发布日期",
        "发布时间 上架日 上架日期",
        "published_on",
        "date",
        characters=40,
    ),
    _of("related_codes", "关联资源代码", "关联及类目名称", "related_codes", "words"),
    _of("theme", "主题分类", "主题 所属主题", "", "special", is_required=True),
    _of("industry", "所属行业", "行业 行业分类", "", "special", table="gbt4754-2017-sections"),
    _of("categories", "其他分类", "", "", "special"),
    _of("keywords", "关键字", "关键词", "keywords", "words"),
    _of("library", "基础库", "所属基础库", "library", "special"),
    _of("data_class", "数据分类", "数据类别", "data_class", characters=100),
    _of("data_grade", "数据分级", "数据级别 安全级别", "data_grade", characters=100),
    _of("secrecy", "涉密属性", "密级", "secrecy", "special", characters=20),
    _of("is_microdata", "是否统计微观数据", "", "is_microdata", "flag", characters=10),
    _of("refusal_reasons", "不予共享情形", "", "sharing.refusal_reasons", "lines", is_free=True),
    _of("needs_office_approval", "是否须主管部门同意", "", "sharing.needs_office_approval", "flag", characters=10),
    _of("source_system", "来源系统", "所属信息系统 信息系统名称 所属系统", "source_system", characters=200),
    _of("updated_on", "更新日期", "最后更新时间 更新时间 最后更新日期", "updated_on", "date", characters=40),
    _of("region_code", "区域代码", "行政区划代码 行政区划", "extent.region_code", characters=40),
    _of("box", "空间范围(西,南,东,北)", "空间范围 经纬度范围", "extent.box_mas", "special", characters=200),
    _of("crs", "坐标系", "坐标参考系 空间参考系", "extent.crs", characters=200),
    _of("scale", "比例尺", "", "extent.scale", "special", characters=40),
    _of("begins_on", "数据起始日期", "时间范围起 起始时间", "extent.begins_on", "date", characters=40),
    _of("ends_on", "数据截止日期", "时间范围止 截止时间", "extent.ends_on", "date", characters=40),
    _of("online_links", "在线链接", "在线资源链接地址 链接地址", "online_links", "lines"),
    _of("service_url", "服务地址", "服务信息地址 接口地址", "service_url"),
    _of("service_type", "服务类型", "", "service_type", characters=200),
    _of("thesaurus", "词表名称", "", "thesaurus", characters=200),
    _of("provider_address", "提供方地址", "", "provider.address", characters=500),
    _of("maintainer", "维护方", "元数据联系方 维护单位", "maintainer.name", characters=200),
    _of("maintainer_code", "维护方代码", "", "maintainer.code", characters=32),
    _of("maintainer_division", "维护方内部部门", "", "maintainer.division", characters=200),
    _of("maintainer_address", "维护方地址", "", "maintainer.address", characters=500),
    _of("identifier", "信息资源标识符", "标识符 资源标识符", "identifier", characters=200),
    _of("metadata_id", "元数据标识符", "", "metadata_id", characters=200),
    _of("same_name_number", "同名序号", characters=10),
)

_ITEM: Final = (
    _of(
        "item_name",
        "信息项名称",
        "数据项名称 信息项 数据项 主要栏位 信息项中文名 数据项中文名 字段中文名 字段中文名称",
        "name",
        characters=200,
        is_required=True,
        is_free=True,
    ),
    _of(
        "item_field",
        "字段名",
        "字段名称 信息项英文名 数据项英文名 字段英文名 字段英文名称 英文字段名",
        "field",
        characters=63,
        is_free=True,
    ),
    _of(
        "item_type",
        "数据类型",
        "信息项类型 信息项数据类型 字段类型",
        "type_code",
        "special",
        table="guide2017-item-type",
        is_required=True,
    ),
    _of("item_length", "数据长度", "信息项长度 字段长度 长度", "length", "special", characters=40),
    _of("item_precision", "小数位数", "数据精度 精度", "precision", "number", characters=40),
    _of("item_key", "是否主键", "主键", "is_key", "flag", characters=10),
    _of(
        "item_nullable", "是否可为空", "可空 是否为空 允许为空 能否为空 是否可空", "is_nullable", "flag", characters=10
    ),
    _of("item_code_table", "代码表", "值域 引用代码表", "code_table", characters=200, is_free=True),
    _of("item_data_element", "数据元标准", "数据元 引用标准", "data_element", characters=200),
    _of("item_data_class", "信息项分类", "数据项分类", "data_class", characters=100),
    _of("item_sensitivity", "信息项分级", "敏感级别 敏感程度 数据项分级", "sensitivity", "special", characters=40),
    _of("item_base_item", "对应基础库数据项", "基础库数据项", "base_item", characters=100),
    _of("item_lead_department", "数源部门名称", "信息项数源部门 牵头部门", "lead_department", characters=200),
    _of("item_unit", "计量单位", "", "unit", characters=50),
    _of(
        "item_description",
        "信息项说明",
        "字段说明 数据项说明 字段描述 信息项描述 数据项描述 字段注释",
        "description",
        is_free=True,
    ),
)

ELEMENTS: Final[Mapping[str, Element]] = MappingProxyType({each.key: each for each in (*_ENTRY, *_ITEM)})
REQUIRED: Final = ("title", "provider")
GUIDANCE_SHEET: Final = "填写说明"
CODES_SHEET: Final = "代码表"
OWN_SHEETS: Final = frozenset({GUIDANCE_SHEET, CODES_SHEET})  # of our template, with nothing of the catalogue in them


def element_label(element: str) -> str:
    """The Chinese name of an element's column; raises ``KeyError`` for no element."""
    return ELEMENTS[element].label

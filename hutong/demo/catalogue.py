"""The entries the demo's departments catalogue, and what other departments then ask for."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from hutong.demo.city import CITY_REGION, GONGAN, RENSHE, SHICHANG, SHUIWU, TONGJI, ZHUJIAN, ZIRAN, Department
from hutong.demo.legal_persons import enterprises
from hutong.demo.observations import observations
from hutong.demo.persons import residents
from hutong.demo.places import PLACES_BOX_MAS, places
from hutong.demo.table import DemoTable
from metadata.access import AccessRequest, RegionFilter, RowFilter
from metadata.resource import (
    Category,
    Extent,
    Format,
    Item,
    Library,
    Openness,
    Party,
    Resource,
    Sharing,
    UpdateCycle,
)
from standards.codes import rows


@dataclass(frozen=True)
class Entry:
    """A table, whose it is, and what the catalogue says of it. ``words`` is what a searcher would type."""

    provider: Department
    table: DemoTable
    title: str
    abstract: str
    theme: str
    class_code: str
    cycle: UpdateCycle
    sharing: Sharing
    words: str
    library: Library | None = None
    keywords: tuple[str, ...] = ()
    has_coordinates: bool = False

    def resource(self, provider_code: str) -> Resource:
        """The draft as the 编目员 submits it; identifiers and assessments are added by the directory."""
        extent = Extent(region_code=CITY_REGION)
        if self.has_coordinates:
            extent = Extent(region_code=CITY_REGION, crs="EPSG:4490", box_mas=PLACES_BOX_MAS, scale=2_000)
        return Resource(
            title=self.title,
            abstract=self.abstract,
            class_code=self.class_code,
            provider=Party(name=self.provider.title, code=provider_code),
            maintainer=Party(name=self.provider.title, code=provider_code),
            keywords=self.keywords,
            categories=(Category(name=self.theme),),
            library=self.library,
            formats=(Format(category="数据库", types=("postgresql",)),),
            items=tuple(self._in_library(item) for item in self.table.items),
            sharing=self.sharing,
            openness=Openness(is_open=False),
            data_grade="3级" if self.library == "population" else "2级",
            update_cycle=self.cycle,
            extent=extent,
            mounts=(self.table.mount(self.provider.name),),
        )

    def _in_library(self, item: Item) -> Item:
        """The item, pointing to the base library's item of the same field where there is one."""
        if self.library is None or item.field not in _base_fields(self.library):
            return item
        return item.model_copy(update={"base_item": f"{self.library}/{item.field}"})


@cache
def _base_fields(library: str) -> frozenset[str]:
    return frozenset(row["field"] for row in rows(f"base-items-{library.replace('_', '-')}"))


@dataclass(frozen=True)
class Wish:
    """What a department asks of an entry. ``items`` empty means all of them."""

    requester: Department
    entry: Entry
    purpose: str
    basis: str
    items: tuple[str, ...] = ()
    row_filter: RowFilter | None = None

    def request(self, resource: str, valid_until: date) -> AccessRequest:
        return AccessRequest(
            resource=resource,
            items=self.items or tuple(item.field for item in self.entry.table.items),
            row_filter=self.row_filter,
            basis=self.basis,
            scenario=self.purpose,
            scope=f"{self.requester.title}内部业务系统，不向第三方提供",
            valid_until=valid_until,
            statement=True,
        )


def conditional(scope: str, purpose: str) -> Sharing:
    """有条件共享 whose published conditions say that the office approves too."""
    return Sharing(
        share_type="conditional",
        conditions="须有法定职责依据，使用范围最小必要",
        scope=scope,
        purposes=(purpose, "业务协同"),
        method_types=("batch",),
        refusal_reasons=("无法定职责依据", "申请数据项超出最小必要范围"),
        needs_office_approval=True,
    )


UNCONDITIONAL = Sharing(
    share_type="unconditional",
    conditions="工作参考、业务协同",
    method_types=("batch",),
    refusal_reasons=("申请内容与目录不符",),
)

RESIDENTS = Entry(
    GONGAN,
    residents(),
    "常住人口基本信息",
    "户籍登记的常住人口身份、户籍与婚姻、文化程度等基本信息，全部为演示用的虚构人员。",
    "综合政务",
    "101001",
    "daily",
    conditional("人社、民政、医保等履行法定职责的部门", "社会保险参保资格核验"),
    "常住人口",
    library="population",
    keywords=("人口", "户籍", "身份核验"),
)
ENTERPRISES = Entry(
    SHICHANG,
    enterprises(),
    "法人登记基本信息",
    "市场主体登记注册的统一社会信用代码、名称、类型、状态、住所和注册资本等基本信息，为演示用的虚构企业。",
    "综合政务",
    "102001",
    "daily",
    conditional("税务、人社、住建等监管部门", "税务登记信息核对"),
    "法人 登记",
    library="legal_person",
    keywords=("法人", "企业", "统一社会信用代码"),
)
PLACES = Entry(
    ZIRAN,
    places(),
    "地名地址与空间范围",
    "全市小区、公园、学校、医院等地名的标准名称、地址、中心点坐标和空间范围。",
    "国土资源、能源",
    "103001",
    "weekly",
    UNCONDITIONAL,
    "地名地址",
    library="geospatial",
    keywords=("地名", "地址", "空间"),
    has_coordinates=True,
)
OBSERVATIONS = Entry(
    TONGJI,
    observations(),
    "主要统计指标月度数据",
    "全市及各区主要经济社会指标的月度观测值，只含汇总数据，不含可识别单个调查对象的资料。",
    "经济管理/统计",
    "213001",
    "monthly",
    UNCONDITIONAL,
    "统计指标",
    library="statistics",
    keywords=("统计", "指标", "宏观经济"),
)

ENTRIES = (RESIDENTS, ENTERPRISES, PLACES, OBSERVATIONS)

WISHES = (
    Wish(
        RENSHE,
        RESIDENTS,
        "城乡居民养老保险参保资格比对",
        "《中华人民共和国社会保险法》第七十四条",
        items=("id_number", "name", "sex_code", "ethnicity_code", "birth_date", "hukou_region", "hukou_address"),
    ),
    Wish(
        SHUIWU,
        ENTERPRISES,
        "税务登记信息核对",
        "《中华人民共和国税收征收管理法》第十五条",
        items=(
            "uscc",
            "org_name",
            "org_type",
            "reg_status",
            "address",
            "region_code",
            "established_on",
            "reg_capital",
            "industry_code",
            "approved_at",
        ),
    ),
    Wish(
        ZHUJIAN,
        PLACES,
        "钟楼区老旧小区改造选点",
        "《城镇老旧小区改造工作部门职责》",
        row_filter=RegionFilter(field="region_code", prefixes=("990103",)),
    ),
    Wish(SHUIWU, OBSERVATIONS, "税源分析工作参考", "《中华人民共和国统计法》第二十三条"),
)

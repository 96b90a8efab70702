"""市场监管: invented legal persons with right 统一社会信用代码 in region 9901."""

import datetime
import random
from collections.abc import Iterator

from hutong.demo.city import DISTRICTS
from hutong.demo.table import Column, DemoTable, Row
from metadata.resource import Item
from standards.check_digits import USCC_ALPHABET, org_check_character, uscc_check_character

LEGAL_PERSON_COUNT = 20_000

_PLACE = ("示例", "东院", "西院", "钟楼", "河沿", "槐树", "北新")
_STYLE = (
    "恒泰",
    "华远",
    "同仁",
    "瑞丰",
    "明德",
    "启航",
    "百川",
    "永和",
    "鼎盛",
    "云帆",
    "嘉禾",
    "青藤",
    "长河",
    "新元",
)
_TRADE = (
    ("信息技术", "I6510"),
    ("建筑工程", "E4790"),
    ("食品", "C1499"),
    ("商贸", "F5199"),
    ("物流", "G5999"),
    ("医药", "C2720"),
    ("机械制造", "C3599"),
    ("农业", "A0190"),
    ("文化传播", "R9051"),
)
_FORM = ("有限公司", "股份有限公司", "有限责任公司", "合作社")

ENTERPRISE_COLUMNS = (
    Column(
        "character varying(18)",
        Item(name="统一社会信用代码", field="uscc", length=18, is_key=True, is_nullable=False, data_element="GB 32100"),
    ),
    Column("character varying(200)", Item(name="机构名称", field="org_name", length=200, is_nullable=False)),
    Column("character varying(2)", Item(name="机构类型", field="org_type", code_table="gbt20091-2006-org-type")),
    Column("character varying(10)", Item(name="登记状态", field="reg_status", length=10, is_nullable=False)),
    Column("character varying(200)", Item(name="法定代表人姓名", field="legal_rep_name", length=100, sensitivity=3)),
    Column("character varying(200)", Item(name="住所", field="address", length=200)),
    Column("character varying(6)", Item(name="所在行政区划", field="region_code", length=6)),
    Column("date", Item(name="成立日期", field="established_on", type_code="D", is_nullable=False)),
    Column("numeric(18,6)", Item(name="注册资本（万元）", field="reg_capital", type_code="N", length=18, precision=6)),
    Column("character varying(5)", Item(name="行业代码", field="industry_code", length=5)),
    Column("timestamp with time zone", Item(name="核准时间", field="approved_at", type_code="T", description="含时区")),
)


def enterprises(count: int = LEGAL_PERSON_COUNT) -> DemoTable:
    """The register of legal persons."""
    return DemoTable("legal_person", "法人登记", ENTERPRISE_COLUMNS, lambda seed: _enterprises(seed, count))


def _enterprises(seed: int, count: int) -> Iterator[Row]:
    chance = random.Random(seed)
    regions = tuple(DISTRICTS)
    for number in range(count):
        region = chance.choice(regions)
        serial = "MA9" + "".join(USCC_ALPHABET[number // 31**power % 31] for power in (3, 2, 1, 0)) + "0"
        body = f"91{region}{serial}{org_check_character(serial)}"
        trade, industry = chance.choice(_TRADE)
        established = datetime.date(1990, 1, 1) + datetime.timedelta(days=chance.randrange(12_700))
        approved = datetime.datetime.combine(established, datetime.time(9, 30)) + datetime.timedelta(
            days=chance.randrange(60), microseconds=chance.randrange(10**6)
        )
        yield (
            body + uscc_check_character(body),
            f"{chance.choice(_PLACE)}{chance.choice(_STYLE)}{number:05d}{trade}{chance.choice(_FORM)}",
            chance.choice(("11", "13", "15")),
            chance.choice(("存续", "存续", "存续", "吊销", "注销")),
            f"{chance.choice('赵钱孙李周吴郑王')}{chance.choice('建国明华志远文')}",
            f"{DISTRICTS[region]}创业路{chance.randrange(1, 900)}号",
            region,
            established.isoformat(),
            f"{chance.randrange(1, 10**7)}.{chance.randrange(10**6):06d}",
            industry,
            f"{approved.isoformat()}+08",
        )

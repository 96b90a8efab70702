"""统计: invented observations, one a row: indicator × region × period, with vintages kept by their publication day."""

import random
from collections.abc import Iterator

from hutong.demo.city import CITY_REGION, DISTRICTS
from hutong.demo.table import Column, DemoTable, Row
from metadata.resource import Item

_INDICATORS = (
    ("A0101", "地区生产总值", "亿元", "8"),
    ("A0102", "第一产业增加值", "亿元", "8"),
    ("A0103", "第二产业增加值", "亿元", "8"),
    ("A0104", "第三产业增加值", "亿元", "8"),
    ("A0201", "常住人口", "万人", "4"),
    ("A0202", "城镇化率", "%", "0"),
    ("A0301", "社会消费品零售总额", "亿元", "8"),
    ("A0302", "居民消费价格指数", "上年同期=100", "0"),
    ("A0401", "固定资产投资增速", "%", "0"),
    ("A0402", "房地产开发投资", "亿元", "8"),
    ("A0501", "规模以上工业增加值增速", "%", "0"),
    ("A0502", "全社会用电量", "万千瓦时", "4"),
)
_YEARS = range(2006, 2026)

OBSERVATION_COLUMNS = (
    Column(
        "character varying(32)",
        Item(name="指标代码", field="indicator_code", length=32, is_key=True, is_nullable=False),
    ),
    Column("character varying(200)", Item(name="指标名称", field="indicator_name", length=200, is_nullable=False)),
    Column("character varying(20)", Item(name="计量单位", field="unit", length=20, is_nullable=False)),
    Column("smallint", Item(name="单位倍数", field="unit_mult", type_code="I", is_nullable=False)),
    Column(
        "character varying(10)", Item(name="报告期", field="time_period", length=10, is_key=True, is_nullable=False)
    ),
    Column("character varying(6)", Item(name="地区", field="region_code", length=6, is_key=True, is_nullable=False)),
    Column("numeric(20,4)", Item(name="数值", field="value", type_code="N", length=20, precision=4)),
    Column("character varying(1)", Item(name="数据状态", field="status", length=1, is_nullable=False)),
    Column("date", Item(name="发布日期", field="published_on", type_code="D", is_nullable=False)),
)


def observations() -> DemoTable:
    """Twelve indicators, seven regions, every month of twenty years: 20,160 observations."""
    return DemoTable("observation", "统计指标数据", OBSERVATION_COLUMNS, _observations)


def _observations(seed: int) -> Iterator[Row]:
    chance = random.Random(seed)
    for code, name, unit, multiplier in _INDICATORS:
        for region in (CITY_REGION, *DISTRICTS):
            level = chance.uniform(20, 5000)
            for year in _YEARS:
                for month in range(1, 13):
                    level *= chance.uniform(0.985, 1.025)
                    is_missing = chance.random() < 0.002
                    yield (
                        code,
                        name,
                        unit,
                        multiplier,
                        f"{year}-{month:02d}",
                        region,
                        None if is_missing else f"{level:.4f}",
                        "M" if is_missing else "A",
                        f"{year + month // 12}-{month % 12 + 1:02d}-15",
                    )

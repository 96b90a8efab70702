"""自然资源: invented places with polygons. Geometry travels as WKB (OGC 06-103r4), coordinates are CGCS2000 degrees."""

import random
import struct
from collections.abc import Iterator

from hutong.demo.city import DISTRICTS
from hutong.demo.table import Column, DemoTable, Row
from metadata.resource import Item

PLACE_COUNT = 6_000
PLACES_BOX_MAS = (360_000_000, 108_000_000, 362_133_000, 109_809_000)
"""What holds every outline made below: 100–100.5925° E, 30–30.5025° N, in thousandths of an arc second."""

_KINDS = (
    ("小区", "22100"),
    ("公园", "23400"),
    ("学校", "26200"),
    ("医院", "26300"),
    ("市场", "26500"),
    ("桥", "24300"),
)
_NAMES = ("槐荫", "砖塔", "钟声", "书院", "南锣", "清泉", "望河", "福绥", "什锦", "丰盛", "灵境", "大雅")
_WKB_POLYGON, _LITTLE_ENDIAN = 3, 1

PLACE_COLUMNS = (
    Column(
        "character varying(20)", Item(name="地名代码", field="place_code", length=20, is_key=True, is_nullable=False)
    ),
    Column("character varying(100)", Item(name="标准地名", field="place_name", length=100, is_nullable=False)),
    Column("character varying(5)", Item(name="地名类别代码", field="place_class", length=5)),
    Column("character varying(6)", Item(name="行政区划代码", field="region_code", length=6, is_nullable=False)),
    Column("character varying(200)", Item(name="标准地址", field="address", length=200)),
    Column("numeric(9,6)", Item(name="经度", field="lon", type_code="N", length=9, precision=6, is_nullable=False)),
    Column("numeric(9,6)", Item(name="纬度", field="lat", type_code="N", length=9, precision=6, is_nullable=False)),
    Column("integer", Item(name="坐标参照系", field="crs", type_code="I", is_nullable=False)),
    Column("bytea", Item(name="几何（WKB）", field="geometry", type_code="G", is_nullable=False)),
    Column("double precision", Item(name="面积（平方米）", field="area_m2", type_code="B")),
)


def places(count: int = PLACE_COUNT) -> DemoTable:
    """The register of place names with their outlines."""
    return DemoTable("place", "地名地址", PLACE_COLUMNS, lambda seed: _places(seed, count))


def _places(seed: int, count: int) -> Iterator[Row]:
    chance = random.Random(seed)
    regions = tuple(DISTRICTS)
    for number in range(count):
        region = chance.choice(regions)
        lon = 100 + regions.index(region) * 0.1 + chance.random() * 0.09
        lat = 30 + chance.random() * 0.5
        width, height = 0.0005 + chance.random() * 0.002, 0.0005 + chance.random() * 0.002
        kind, class_code = chance.choice(_KINDS)
        yield (
            f"{region}{number:06d}",
            f"{chance.choice(_NAMES)}{number % 997:03d}{kind}",
            class_code,
            region,
            f"{DISTRICTS[region]}{chance.choice(_NAMES)}路{chance.randrange(1, 500)}号",
            f"{lon:.6f}",
            f"{lat:.6f}",
            "4490",
            "\\x" + _rectangle(lon, lat, width, height).hex(),
            repr(width * height * 9.6e9),
        )


def _rectangle(lon: float, lat: float, width: float, height: float) -> bytes:
    corners = ((0, 0), (width, 0), (width, height), (0, height), (0, 0))
    points = b"".join(struct.pack("<dd", lon + east, lat + north) for east, north in corners)
    return struct.pack("<BIII", _LITTLE_ENDIAN, _WKB_POLYGON, 1, len(corners)) + points

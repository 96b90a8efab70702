"""公安: invented residents. Numbers begin with 99, a region that was never assigned, and carry right check digits."""

import datetime
import random
from collections.abc import Iterator

from hutong.demo.city import DISTRICTS
from hutong.demo.faults import plant_person_faults
from hutong.demo.table import Column, DemoTable, Row
from metadata.resource import Item
from standards.check_digits import id_check_character

PERSON_COUNT = 50_000

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅红建国文海燕春雪琳晨宇浩欣怡梓涵子轩思远若曦龘㐂𠮷䶮"
_STREETS = ("槐荫胡同", "砖塔胡同", "钟声巷", "河沿大街", "书院街", "南锣小巷", "北新路", "西营里")
_ETHNICITY = ("01",) * 92 + ("02", "03", "04", "05", "07", "08", "11", "15")
_MARITAL = ("10", "20", "30", "40", "90")
_EDUCATION = ("10", "20", "30", "40", "60", "70", "80", "90")

RESIDENTS_COLUMNS = (
    Column(
        "character varying(40)",
        Item(
            name="公民身份号码",
            field="id_number",
            length=18,
            is_key=True,
            is_nullable=False,
            data_element="GB 11643",
            sensitivity=4,
        ),
    ),
    Column("character varying(400)", Item(name="姓名", field="name", length=100, is_nullable=False, sensitivity=3)),
    Column(
        "character varying(10)",
        Item(name="性别", field="sex_code", length=1, is_nullable=False, code_table="gbt2261-1-sex", sensitivity=2),
    ),
    Column(
        "character varying(10)",
        Item(name="民族", field="ethnicity_code", length=2, code_table="gbt3304-ethnicity", sensitivity=3),
    ),
    Column(
        "character varying(20)",
        Item(name="出生日期", field="birth_date", type_code="D", is_nullable=False, sensitivity=3),
    ),
    Column("character varying(12)", Item(name="常住户口所在地行政区划", field="hukou_region", length=6, sensitivity=2)),
    Column("character varying(800)", Item(name="常住户口所在地住址", field="hukou_address", length=60, sensitivity=3)),
    Column(
        "character varying(10)",
        Item(name="婚姻状况", field="marital_code", code_table="gbt2261-2-marital", sensitivity=3),
    ),
    Column(
        "character varying(10)",
        Item(name="文化程度", field="education_code", code_table="gbt4658-education", sensitivity=3),
    ),
    Column("character varying(20)", Item(name="联系电话", field="phone", length=20, sensitivity=3)),
)


def residents(count: int = PERSON_COUNT) -> DemoTable:
    """The register of residents; ``count`` sound persons and, among them, the planted faults."""
    return DemoTable(
        "resident", "常住人口登记", RESIDENTS_COLUMNS, lambda seed: plant_person_faults(_persons(seed, count))
    )


def _persons(seed: int, count: int) -> Iterator[Row]:
    chance = random.Random(seed)
    regions = tuple(DISTRICTS)
    first_day = datetime.date(1940, 1, 1).toordinal()
    last_day = datetime.date(2024, 12, 31).toordinal()
    taken: set[str] = set()
    while len(taken) < count:
        region = chance.choice(regions)
        born_on = datetime.date.fromordinal(chance.randint(first_day, last_day))
        sequence = chance.randrange(1, 1000)
        body = f"{region}{born_on:%Y%m%d}{sequence:03d}"
        if body in taken:
            continue
        taken.add(body)
        given = "".join(chance.choice(_GIVEN) for _ in range(chance.choice((1, 2, 2))))
        yield (
            body + id_check_character(body),
            chance.choice(_SURNAMES) + given,
            "1" if sequence % 2 else "2",
            chance.choice(_ETHNICITY),
            f"{born_on:%Y%m%d}",
            region,
            f"{DISTRICTS[region]}{chance.choice(_STREETS)}{chance.randrange(1, 300)}号",
            chance.choice(_MARITAL),
            chance.choice(_EDUCATION),
            None if chance.random() < 0.1 else f"10{chance.randrange(10**9):09d}",
        )

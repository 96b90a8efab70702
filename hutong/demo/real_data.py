"""``--data``: the real tables of a data folder, loaded as the departments' own and catalogued like any other."""

import csv
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from hutong.demo.catalogue import UNCONDITIONAL, Entry, Wish, conditional
from hutong.demo.city import RENSHE, SHICHANG, SHUIWU, TONGJI, ZHUJIAN
from hutong.demo.table import Column, DemoTable, Row
from hutong.errors import HutongError
from metadata.resource import Item

WORKBOOK = Path("catalogue/cn_guangxi_open_data_catalogue_2021.xlsx")


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _text(name: str, field: str, sql_type: str = "text", **more: object) -> Column:
    return Column(sql_type, Item.model_validate({"name": name, "field": field, **more}))


def _table(folder: Path, file: str, name: str, comment: str, columns: tuple[Column, ...]) -> DemoTable:
    """A table whose item names are the file's headers; an empty cell is NULL."""
    path = folder / file

    def rows(_seed: int) -> Iterator[Row]:
        with _open_text(path) as text:
            reader = csv.DictReader(text)
            missing = [column.item.name for column in columns if column.item.name not in (reader.fieldnames or ())]
            if missing:
                raise HutongError(
                    "DATA_UNREADABLE",
                    path=path,
                    reason=f"缺少列 {'、'.join(missing)}",
                    reason_en=f"columns are missing: {', '.join(missing)}",
                )
            for row in reader:
                yield tuple(row[column.item.name] or None for column in columns)

    return DemoTable(name, comment, columns, rows)


def entries_and_wishes(folder: Path) -> tuple[tuple[Entry, ...], tuple[Wish, ...]]:
    """Entries and requests over the folder's legal-person and statistics files.

    Raises ``HutongError DATA_UNREADABLE`` naming the first file that is missing.
    """
    for file in (str(WORKBOOK), _ENTERPRISES_FILE, *(file for file, *_ in _STATISTICS)):
        if not (folder / file).is_file():
            raise HutongError(
                "DATA_UNREADABLE", path=folder / file, reason="文件不存在", reason_en="there is no such file"
            )
    registered = Entry(
        SHICHANG,
        _table(folder, _ENTERPRISES_FILE, "enterprise_2003", "2003 年企业登记", _ENTERPRISE_COLUMNS),
        "企业登记信息（2003 年）",
        "2003 年三十个省份登记企业的名称、统一社会信用代码、成立日期、注册资本和经营范围。",
        "综合政务",
        "102002",
        "irregular",
        conditional("税务等监管部门", "历史税源核对"),
        "企业登记信息",
        library="legal_person",
        keywords=("企业", "登记"),
    )
    statistics = tuple(
        Entry(
            TONGJI,
            _table(folder, file, name, title, columns),
            title,
            f"{title}，汇总数据。",
            "经济管理/统计",
            class_code,
            "yearly",
            UNCONDITIONAL,
            words,
            library="statistics",
            keywords=("统计",),
        )
        for file, name, title, class_code, words, columns in _STATISTICS
    )
    population, national, provincial = statistics
    wishes = (
        Wish(SHUIWU, registered, "历史税源核对", "《中华人民共和国税收征收管理法》第十五条"),
        Wish(RENSHE, population, "参保扩面测算", "《中华人民共和国社会保险法》第七条"),
        Wish(SHUIWU, national, "税收预测", "《中华人民共和国统计法》第二十三条"),
        Wish(ZHUJIAN, provincial, "住房发展规划编制", "《中华人民共和国统计法》第二十三条"),
    )
    return (registered, *statistics), wishes


_ENTERPRISES_FILE = "legal_persons/cn_enterprises_2003.csv.xz"
_ENTERPRISE_COLUMNS = (
    _text("机构名称", "org_name", length=200, is_nullable=False),
    _text("统一社会信用代码", "uscc", length=18, is_key=True, is_nullable=False, data_element="GB 32100"),
    _text("成立日期", "established_on", type_code="D"),
    _text("机构类型", "org_type"),
    _text("注册资本", "reg_capital"),
    _text("经营范围", "scope", type_code="M"),
    _text("省份", "province"),
    _text("地市", "city"),
    _text("住所", "address"),
)

_GDP = (
    _text("GDP总量", "gdp", "numeric", type_code="N"),
    _text("第一产业", "primary_industry", "numeric", type_code="N"),
    _text("第二产业", "secondary_industry", "numeric", type_code="N"),
    _text("第三产业", "tertiary_industry", "numeric", type_code="N"),
    _text("第一产业占比", "primary_share", "numeric", type_code="N"),
    _text("第二产业占比", "secondary_share", "numeric", type_code="N"),
    _text("第三产业占比", "tertiary_share", "numeric", type_code="N"),
)
_STATISTICS = (
    (
        "statistics/cn_population_by_county_2020.csv",
        "population_2020",
        "第七次人口普查县级常住人口",
        "213002",
        "县级常住人口",
        (
            _text("名称", "region_name", is_nullable=False),
            _text("区域代码", "region_code", length=6, is_key=True, is_nullable=False),
            _text("人口", "population", description="原文带千分位"),
        ),
    ),
    (
        "statistics/cn_gdp_national_2015_2024.csv",
        "gdp_national",
        "国内生产总值（2015—2024 年）",
        "213003",
        "国内生产总值",
        (_text("年份", "year", "smallint", type_code="I", is_key=True, is_nullable=False), *_GDP),
    ),
    (
        "statistics/cn_gdp_province_industry_2015_2019.csv",
        "gdp_province",
        "分省生产总值与产业构成（2015—2019 年）",
        "213003",
        "产业构成",
        (
            _text("年份", "year", "smallint", type_code="I", is_key=True, is_nullable=False),
            _text("省份", "province", is_key=True, is_nullable=False),
            *_GDP,
        ),
    ),
)

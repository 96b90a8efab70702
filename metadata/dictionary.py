"""The standard items of the base libraries (standards/06), and by which names departments' columns go for them."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from standards.codes import is_table, rows, table
from standards.pinyin import syllables

# How a name led to an item, the surest first: its Chinese name or another Chinese word for it; its field or standard
# id (GMSFHM); another usual spelling; its pinyin in full; the first letters of its pinyin.
How = Literal["chinese", "field", "spelling", "pinyin", "initials"]
ORDER: Final[tuple[How, ...]] = ("chinese", "field", "spelling", "pinyin", "initials")
MIN_INITIALS = 3  # two letters stand for too many words

LIBRARIES: Final = ("population", "legal_person", "geospatial", "statistics")

_SENSITIVITY: Final[Mapping[str, int]] = {
    "public": 1,
    "internal": 2,
    "personal": 3,
    "sensitive": 4,
    "sensitive, mask": 4,
    "blocked": 4,
}

# Words and spellings seen in departments' tables; Latin ones are compared without underscores.
_ALIASES: Final[Mapping[str, str]] = {
    "population/id_number": "身份证号 身份证号码 居民身份证号码 公民身份证号 身份证 身份号码 sfzh sfzhm sfz sfzjhm"
    " idcard idno idcardno idnum gmsfzh gmsfzhm",
    "population/name": "姓名 中文姓名 本人姓名 xm xingming fullname realname",
    "population/sex_code": "性别 性别代码 xb xbdm sex gender",
    "population/ethnicity_code": "民族 民族代码 mz mzdm nation ethnicity",
    "population/birth_date": "出生日期 出生年月 出生年月日 生日 csrq csny birthday birthdate dob",
    "population/hukou_address": "户籍地址 户口所在地地址 户籍所在地详址 家庭住址 居住地址 现住址 hjdz jtzz jzdz xzz",
    "population/hukou_region": "户籍区划 户籍所在地区划 户籍地行政区划 hjqh hjszdxzqh",
    "population/marital_code": "婚姻状况代码 hyzk hyzkdm marital maritalstatus",
    "population/education_code": "学历 文化程度 文化程度代码 学历代码 whcd whcddm xl xldm education",
    "population/political_code": "政治面貌 政治面貌代码 zzmm zzmmdm",
    "population/phone": "手机号 手机号码 电话 电话号码 联系方式 移动电话 sjh sjhm lxdh dhhm mobile tel telephone",
    "population/occupation": "职业 zhiye occupation",
    "population/death_date": "死亡日期 swrq",
    "legal_person/uscc": "统一社会信用代码 社会信用代码 统一信用代码 信用代码 tyshxydm shxydm tyxydm xydm creditcode",
    "legal_person/org_code": "组织机构代码 机构代码 组织机构代码证号 zzjgdm jgdm orgno",
    "legal_person/org_name": "企业名称 单位名称 机构名称 法人名称 公司名称 qymc dwmc jgmc frmc companyname entname",
    "legal_person/org_type": "企业类型 机构类型 单位类型 qylx jglx dwlx enttype",
    "legal_person/reg_status": "登记状态 经营状态 企业状态 djzt jyzt qyzt",
    "legal_person/legal_rep_name": "法定代表人 法定代表人姓名 法人代表 负责人 负责人姓名 fddbr fddbrxm frdb fzr",
    "legal_person/legal_rep_id": "法定代表人身份证号 法定代表人证件号码 法人代表身份证号 fddbrsfzh fddbrzjhm",
    "legal_person/address": "住所 注册地址 经营场所 企业地址 zcdz zs jycs regaddress",
    "legal_person/region_code": "行政区划 行政区划代码 区划代码 xzqh xzqhdm qhdm",
    "legal_person/reg_authority": "登记机关 djjg regauthority",
    "legal_person/established_on": "成立日期 注册日期 clrq zcrq estdate",
    "legal_person/reg_capital": "注册资本 注册资金 zczb zczj regcapital",
    "legal_person/scope": "经营范围 业务范围 jyfw ywfw businessscope",
    "legal_person/industry_code": "行业代码 所属行业 行业 hydm hy industry",
    "geospatial/region_code": "行政区划 行政区划代码 区划代码 xzqh xzqhdm qhdm",
    "geospatial/place_name": "地名 标准地名 地名名称 dm dmmc placename",
    "geospatial/address": "地址 标准地址 详细地址 bzdz xxdz dz address",
    "geospatial/lon": "经度 jd lng longitude",
    "geospatial/lat": "纬度 wd latitude",
    "geospatial/geometry": "几何 空间位置 geom shape wkbgeometry thegeom",
    "statistics/indicator_code": "指标代码 zbdm indicator",
    "statistics/indicator_name": "指标名称 指标 zbmc",
    "statistics/unit": "计量单位 单位 jldw dw",
    "statistics/time_period": "报告期 统计期 期别 bgq tjq period",
    "statistics/region_code": "地区 地区代码 统计地区 dqdm",
    "statistics/value": "数值 指标值 统计值 zbz obsvalue",
    "statistics/published_on": "发布日期 fbrq",
}


@dataclass(frozen=True)
class BaseItem:
    """One standard item of a base library. ``code_table`` is one of ``standards.codes``, or empty; ``sensitivity`` 0
    where the list leaves it open. ``is_date`` of an item that is a day.
    """

    library: str
    field: str
    name: str
    standard_id: str
    code_table: str
    data_element: str
    sensitivity: int
    is_date: bool

    @property
    def key(self) -> str:
        """``population/id_number``, as ``Item.base_item`` has it."""
        return f"{self.library}/{self.field}"


@dataclass(frozen=True)
class Match:
    """An item that a name may stand for, and how it was found."""

    item: BaseItem
    how: How


@cache
def base_items() -> Mapping[str, BaseItem]:
    """Every standard item by its key, in the lists' order."""
    found = [
        _base_item(library, row) for library in LIBRARIES for row in rows(f"base-items-{library.replace('_', '-')}")
    ]
    return {item.key: item for item in found}


def matches(name: str) -> tuple[Match, ...]:
    """The items a column's name, or a Chinese word for it, may stand for; the surest first."""
    return _spellings().get(plain(name), ())


def spellings_of(keys: Collection[str], ways: Collection[str]) -> frozenset[str]:
    """The names, ``plain``, that stand for any of these items in one of these ways."""
    wanted = set(keys)
    known = _spellings().items()
    return frozenset(
        name for name, found in known if any(each.item.key in wanted and each.how in ways for each in found)
    )


def plain(name: str) -> str:
    """A name as it is compared: one width, lower case, no marks, nothing in brackets."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    if folded.isalnum():  # most names: no bracket and no mark in them
        return folded
    return re.sub(r"[\W_]+", "", re.sub(r"\([^()]*\)", "", folded))


def _base_item(library: str, row: Mapping[str, str]) -> BaseItem:
    code_list = row["code_list"].strip()
    element = (
        code_list.removesuffix(" when type 111") if code_list.startswith(("GB 11643", "GB 32100", "GB 11714")) else ""
    )
    return BaseItem(
        library=library,
        field=row["field"],
        name=re.sub(r"\(.*?\)", "", row["zh_name"]),
        standard_id=row["pinyin_or_std_id"],
        code_table=table(code_list).name if is_table(code_list) else "",
        data_element=element,
        sensitivity=_SENSITIVITY.get(row["suggested_sensitivity"], 0),
        is_date=row["representation"].startswith("YYYYMMDD"),
    )


@cache
def _spellings() -> Mapping[str, tuple[Match, ...]]:
    found: dict[str, dict[str, How]] = {}

    def add(word: str, item: BaseItem, how: How) -> None:
        known = found.setdefault(plain(word), {})
        if item.key not in known or ORDER.index(how) < ORDER.index(known[item.key]):
            known[item.key] = how

    for item in base_items().values():
        add(item.name, item, "chinese")
        add(item.field, item, "field")
        add(item.standard_id.rpartition(" ")[2], item, "field")
        read = syllables(item.name)
        add("".join(read), item, "pinyin")
        initials = "".join(each[0] for each in read)
        if len(initials) >= MIN_INITIALS:
            add(initials, item, "initials")
        for word in _ALIASES.get(item.key, "").split():
            add(word, item, "spelling" if word.isascii() else "chinese")
    found.pop("", None)
    return {
        word: tuple(
            sorted((Match(base_items()[key], how) for key, how in each.items()), key=lambda m: ORDER.index(m.how))
        )
        for word, each in found.items()
    }

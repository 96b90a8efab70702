"""Whether what a catalogue entry says is consistent: code tables, identifiers, dates, items, mounts.

An error stops saving; a warning is kept and shown. What is merely absent is ``metadata.rules.lacks``.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from metadata.errors import MetadataError
from metadata.identifiers import Identifier, ResourceCode, is_class_code
from metadata.library_rules import MAS_PER_DEGREE, check_library
from metadata.resource import Extent, Item, Mount, Resource
from standards import regions
from standards.check_digits import check_org_code, check_uscc
from standards.codes import is_table, table
from standards.findings import Finding, Severity
from standards.text import forbidden_character

DATA_ELEMENTS: Final = frozenset({"GB 11643", "GB 32100", "GB 11714"})

_NUMERIC = frozenset("NYBF")
_LINK_SCHEMES = frozenset({"http", "https", "ftp"})
_METADATA_ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./, ")
_COUNTY_DIGITS = 6
_PROJECT_RULE = "本系统目录一致性规则"


def check(resource: Resource, today: date) -> list[Finding]:
    """Everything inconsistent in an entry, as findings with the path in the record."""
    return [
        *_check_text(resource),
        *_check_identifiers(resource),
        *_check_description(resource),
        *_check_dates(resource, today),
        *_check_items(resource.items),
        *_check_extent(resource.extent, today),
        *check_library(resource),
        *_check_mounts(resource),
    ]


def _say(path: str, rule: str, zh: str, en: str, severity: Severity = "error", clause: str = _PROJECT_RULE) -> Finding:
    return Finding(path=path, rule=f"check.{rule}", severity=severity, zh=zh, en=en, clause=clause)


def _check_text(resource: Resource) -> Iterator[Finding]:
    """Characters no XML can hold would make the entry impossible to hand on; they are refused here, by place."""
    if _is_plain(resource):
        return
    for path, text in _texts(resource.model_dump(mode="json"), ""):
        character = forbidden_character(text)
        if character is not None:
            name = f"U+{ord(character):04X}"
            zh, en = (
                f"含有不可写入 XML 的控制字符 {name}",
                f"contains the control character {name}, which XML cannot hold",
            )
            yield _say(path, "text", zh, en, clause="XML 1.0 §2.2")


def _is_plain(resource: Resource) -> bool:
    """Whether nothing has to be looked for: written as JSON it holds nothing forbidden, and nothing was escaped."""
    try:
        written = resource.model_dump_json()
    except ValueError:  # a lone surrogate
        return False
    return "\\" not in written and forbidden_character(written) is None


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _texts(member, f"{path}[{number}]")


def _check_identifiers(resource: Resource) -> Iterator[Finding]:
    if resource.identifier:
        try:
            Identifier.parse(resource.identifier)
        except MetadataError as error:
            yield _say("identifier", "identifier", error.zh, error.en, clause="GB/T 21063.5 前段码/后段码")
    if resource.class_code and not is_class_code(resource.class_code):
        zh, en = (
            "类项目细目须以 1、2 或 3 开头，至少 6 位数字",
            "a class code has at least 6 digits, the first of them 1–3",
        )
        yield _say("class_code", "class_code", zh, en, clause="发改高技〔2017〕1272号")
    elif resource.class_code:
        found = table("guide2017-class").check(resource.class_code[:3], "class_code")
        if found is not None:
            yield found
    yield from _check_code(resource)
    if not set(resource.metadata_id) <= _METADATA_ID_CHARACTERS:
        zh, en = "元数据标识符只能用字母、数字、空格和 _ - . / ,", "letters, digits, space and _ - . / , only"
        yield _say("metadata_id", "metadata_id", zh, en, clause="GB/T 21063.3 mdId")
    for number, related in enumerate(resource.related_codes):
        path = f"related_codes[{number}]"
        try:
            ResourceCode.parse(related)
        except MetadataError as error:
            yield _say(path, "related_codes", error.zh, error.en)
        if resource.code and related == resource.code:
            yield _say(path, "related_self", "关联资源代码不能是本条目自己", "an entry cannot be related to itself")
    yield from _twice(resource.related_codes, "related_codes", "关联资源代码")


def _check_code(resource: Resource) -> Iterator[Finding]:
    if not resource.code:
        return
    try:
        code = ResourceCode.parse(resource.code)
    except MetadataError as error:
        zh = f"{error.zh}，应写成“前段码/顺序号”，中间一个斜杠，如 307001/000006"
        yield _say("code", "code", zh, error.en, clause="发改高技〔2017〕1272号")
        return
    if not code.is_guide:
        zh, en = "不是 2017 年指南的编码结构，按外来代码原样保留", "not the 2017 guide's form; kept verbatim as foreign"
        yield _say("code", "code_foreign", zh, en, "warning", "发改高技〔2017〕1272号")
    elif resource.class_code and code.front != resource.class_code:
        yield _say("code", "code_class", "前段码与类项目细目不一致", "the front segment differs from the class code")


def _check_description(resource: Resource) -> Iterator[Finding]:
    for path, text in (("title", resource.title), ("provider.name", resource.provider.name)):
        if not text.strip():
            yield _say(path, "blank", "只有空白，没有名称", "nothing but white space")
    for name, party in (("provider", resource.provider), ("maintainer", resource.maintainer)):
        if party is not None and party.code:
            check_one = check_org_code if len(party.code) in {9, 10} else check_uscc
            yield from check_one(party.code, f"{name}.code")
    for number, category in enumerate(resource.categories):
        found = table("gbt21063-4-schemes").check(category.scheme, f"categories[{number}].scheme")
        if found is not None:
            yield found
        if category.scheme == "主题分类" and table("gbt21063-4-themes").fix(category.name) is None:
            zh, en = f"“{category.name}”不在主题分类表中", f"{category.name!r} is not a listed theme"
            yield _say(f"categories[{number}].name", "theme", zh, en, "warning", "GB/T 21063.4-2007")
    for number, each in enumerate(resource.formats):
        findings = [table("guide2017-format-category").check(each.category, f"formats[{number}].category")]
        findings += [table("guide2017-format-type").check(name, f"formats[{number}].types") for name in each.types]
        yield from (found for found in findings if found is not None)
    method = resource.sharing.method_category
    found = table("guide2017-method-category").check(method, "sharing.method_category") if method else None
    if found is not None:
        yield found
    links = [(f"online_links[{number}]", link) for number, link in enumerate(resource.online_links)]
    for path, link in [*links, *([("service_url", resource.service_url)] if resource.service_url else [])]:
        if not _is_link(link):
            zh, en = "须为 http、https 或 ftp 网络地址", "not an http, https or ftp address"
            yield _say(path, "link", zh, en, clause="GB/T 21063.3 onLineSrc")


def _is_link(link: str) -> bool:
    """Only addresses that are safe to show as a link: pages put them into ``href``."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in _LINK_SCHEMES and bool(parts.netloc) and not any(c.isspace() for c in link)


def _check_dates(resource: Resource, today: date) -> Iterator[Finding]:
    dated = [("published_on", resource.published_on), ("updated_on", resource.updated_on)]
    dated += [(f"assessments[{n}].assessed_on", each.assessed_on) for n, each in enumerate(resource.assessments)]
    for path, day in dated:
        if day is not None and day > today:
            yield _say(path, "future", "日期晚于今天", "the date lies in the future")
    begins, ends = resource.extent.begins_on, resource.extent.ends_on
    if begins is not None and ends is not None and begins > ends:
        yield _say("extent.ends_on", "period", "时间范围的止日早于起日", "the period ends before it begins")


def _check_items(items: tuple[Item, ...]) -> Iterator[Finding]:
    yield from _twice([item.field for item in items], "items", "字段名", member="field")
    yield from _twice([item.name for item in items], "items", "数据项名称", member="name", severity="warning")
    for number, item in enumerate(items):
        path = f"items[{number}]"
        if item.precision is not None and item.type_code not in _NUMERIC:
            yield _say(f"{path}.precision", "precision", "只有数值型才有小数位", "only numbers have decimal places")
        elif item.precision is not None and item.length is not None and item.precision > item.length:
            yield _say(f"{path}.precision", "precision", "小数位多于总长度", "more decimal places than digits")
        if item.code_table and not is_table(item.code_table):
            zh, en = f"没有名为“{item.code_table}”的代码表", f"there is no code table {item.code_table!r}"
            yield _say(f"{path}.code_table", "code_table", zh, en)
        if item.data_element and item.data_element not in DATA_ELEMENTS:
            zh, en = f"数据元“{item.data_element}”没有可执行的规则", f"no rule is known for {item.data_element!r}"
            yield _say(f"{path}.data_element", "data_element", zh, en, "warning")


def _check_extent(extent: Extent, today: date) -> Iterator[Finding]:
    code = extent.region_code
    if code and (not code.isascii() or not code.isdigit() or len(code) not in {2, 4, 6, 9, 12}):
        zh, en = "区划代码须为 2、4、6、9 或 12 位数字", "a region code has 2, 4, 6, 9 or 12 digits"
        yield _say("extent.region_code", "region", zh, en, clause="GB/T 2260, GB/T 10114")
    elif code and code[:2] != "00":  # 000000 stands for the whole country, by convention
        found = table("gbt2260-provinces").check(code[:2], "extent.region_code")
        if found is not None:
            yield found
        elif len(code) >= _COUNTY_DIGITS:  # as of the last day that the data are about
            yield from regions.check(code, "extent.region_code", min(extent.ends_on or today, today))
    if extent.box_mas is not None:
        west, south, east, north = (edge / MAS_PER_DEGREE for edge in extent.box_mas)
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            zh = "空间范围须依次为西、南、东、北边界，且在经纬度范围内；跨 180 度经线的分两条登记"
            en = "the box is not west, south, east, north in range"
            yield _say("extent.box_mas", "box", zh, en)


def _check_mounts(resource: Resource) -> Iterator[Finding]:
    yield from _twice([mount.mount_id for mount in resource.mounts], "mounts", "挂接标识", member="mount_id")
    fields = {item.field for item in resource.items}
    for number, mount in enumerate(resource.mounts):
        yield from _check_mount(mount, f"mounts[{number}]", fields)


def _check_mount(mount: Mount, path: str, fields: set[str]) -> Iterator[Finding]:
    if mount.kind != "table":
        return
    if not mount.table:
        yield _say(f"{path}.table", "mount_table", "库表挂接须写明表名", "a table mount needs its table")
    yield from _twice([each.field for each in mount.columns], f"{path}.columns", "挂接字段", member="field")
    for number, column in enumerate(mount.columns):
        if column.field not in fields:
            zh, en = f"挂接的“{column.field}”不是本条目的数据项", f"{column.field!r} is not an item of this entry"
            yield _say(f"{path}.columns[{number}].field", "mount_field", zh, en)
    for field in sorted(fields - {column.field for column in mount.columns}):
        zh, en = f"数据项“{field}”没有对应的列，不能随本挂接提供", f"item {field!r} has no column in this mount"
        yield _say(f"{path}.columns", "mount_item", zh, en, "warning")


def _twice(
    values: list[str] | tuple[str, ...], path: str, what: str, *, member: str = "", severity: Severity = "error"
) -> Iterator[Finding]:
    counts = Counter(values)
    for number, value in enumerate(values):
        if counts[value] > 1 and value in values[:number]:
            place = f"{path}[{number}].{member}" if member else f"{path}[{number}]"
            yield _say(place, "twice", f"{what}“{value}”重复", f"{value!r} stands twice", severity)

"""From one column's profile to a drafted item, each conclusion with its reason. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from metadata.dictionary import BaseItem, How, Match, matches
from metadata.profile import ColumnProfile
from metadata.proposal import Confidence, Guess
from metadata.resource import Item
from metadata.sql_types import TEXTS, sql_type
from standards.codes import table as code_table
from standards.text import forbidden_character

ENOUGH: Final = 90  # percent of values from which on a column is taken for what they look like
SOME: Final = 50  # percent from which on sensitivity follows
_MANY_CODES = 5  # different values from which on a code table is offered for the values alone
_MEMO_LENGTH = 2000
_PERSONAL = 3
_MAX_NAME, _MAX_DESCRIPTION = 200, 1000

_HOWS: Final[dict[How, tuple[str, str, Confidence]]] = {
    "chinese": ("名称与基础库数据项“{item}”一致", "its name is that of the standard item {key}", "certain"),
    "field": (
        "列名与数据项“{item}”的标准字段名一致",
        "the column has the field name of the standard item {key}",
        "likely",
    ),
    "spelling": ("列名是“{item}”的常用写法", "the column is spelled as {key} usually is", "likely"),
    "pinyin": ("列名是“{item}”的全拼", "the column is the pinyin of {key}", "likely"),
    "initials": ("列名与“{item}”的拼音首字母相同", "the column has the pinyin initials of {key}", "possible"),
}

_SENSITIVE: Final = (
    (4, r"照片|相片|人像|指纹|人脸|虹膜|声纹|掌纹|基因|fingerprint|faceimage|\bzp\b", "生物识别信息", "biometric"),
    (4, r"宗教|信仰|religion", "宗教信仰", "religious belief"),
    (4, r"病历|病史|诊断|疾病|残疾|血型|健康状况|diagnosis|disease", "医疗健康信息", "health"),
    (4, r"银行(卡|账|帐)|账号|帐号|卡号|bankaccount|bankcard|yhzh|yhkh", "金融账户", "a financial account"),
    (4, r"行踪|轨迹|定位|trajectory", "行踪轨迹", "whereabouts"),
    (4, r"身份证|身份号码|护照|证件号|sfzh|idcard|passport", "身份证件号码", "an identity document's number"),
    (3, r"手机|电话|联系方式|邮箱|email|mobile|telephone", "个人联系方式", "a way to reach a person"),
    (3, r"姓名|监护人|户主|配偶|联系人|xingming", "姓名", "a person's name"),
    (3, r"户籍|家庭住址|居住地址|现住址", "个人住址", "where a person lives"),
)


@dataclass(frozen=True)
class GuessedItem:
    """A drafted item and what of it was concluded."""

    item: Item
    guesses: tuple[Guess, ...]


def head(comment: str) -> str:
    """The name that a comment begins with: up to the first mark, in one line (性别：1 男 2 女 -> 性别)."""
    line = clean(comment).strip()
    return re.split(r"[:：,，;；。(（\[【\t]|\s", line, maxsplit=1)[0][:_MAX_NAME]


def clean(text: str) -> str:
    """A text without what no record can hold."""
    return "".join(" " if forbidden_character(character) or character in "\r\n" else character for character in text)


def candidates(column: ColumnProfile) -> tuple[Match, ...]:
    """The standard items that a column may be, by its comment's first word, else by its name."""
    return (matches(head(column.comment)) if head(column.comment) else ()) or matches(column.name)


def meant(column: ColumnProfile, library: str | None) -> Match | None:
    """The standard item that a column is, in the light of the whole table's library and of its values."""
    found = candidates(column)
    shares = column.values.shares if column.values else None
    if shares is not None and shares.id_number >= ENOUGH:
        wanted = ("legal_person/legal_rep_id",) if library == "legal_person" else ("population/id_number",)
        return next((m for m in found if m.item.data_element == "GB 11643"), None) or _by_key(wanted)
    if shares is not None and shares.uscc >= ENOUGH:
        return _by_key(("legal_person/uscc",))
    return next((m for m in found if m.item.library == library), None) or next(iter(found), None)


def guess_item(column: ColumnProfile, number: int, library: str | None) -> GuessedItem:
    """The item that a column seems to hold; ``number`` is its place in the record."""
    drafted = _Drafted(column, number)
    match = meant(column, library)
    is_fitting = match is not None and _is_fitting(match, column, library)
    _name(drafted, match if is_fitting else None)
    _type(drafted, match.item if match and is_fitting else None)
    if column.is_key:
        drafted.apply("is_key", True, "是", "certain", "列在主键中", "the column is part of the primary key")
    if not column.is_nullable:
        drafted.apply("is_nullable", False, "否", "certain", "列有非空约束", "the column is declared NOT NULL")
    if match is not None:
        _base_item(drafted, match, is_fitting=is_fitting)
    _data_element(drafted, match.item if match and is_fitting else None)
    _code_table(drafted, match.item if match and is_fitting else None)
    _sensitivity(drafted, match, is_fitting=is_fitting)
    return GuessedItem(Item.model_validate({"field": column.name} | drafted.values), tuple(drafted.guesses))


class _Drafted:
    """The values of one item as they come together, each with its guess."""

    def __init__(self, column: ColumnProfile, number: int) -> None:
        self.column = column
        self.values: dict[str, Any] = {}
        self.guesses: list[Guess] = []
        self._path = f"items[{number}]"

    def apply(self, field: str, value: Any, shown: str, confidence: Confidence, zh: str, en: str) -> None:
        """Put a value in, with its reason."""
        self.values[field] = value
        self._say(field, shown, confidence, zh, en, is_applied=True)

    def offer(self, field: str, shown: str, zh: str, en: str) -> None:
        """Only offer a value."""
        self._say(field, shown, "possible", zh, en, is_applied=False)

    def _say(self, field: str, shown: str, confidence: Confidence, zh: str, en: str, *, is_applied: bool) -> None:
        self.guesses.append(
            Guess(
                path=f"{self._path}.{field}",
                value=shown[:500],
                confidence=confidence,
                is_applied=is_applied,
                reason_zh=zh[:500],
                reason_en=en[:500],
            )
        )


def _part(share: int) -> str:
    """How many of the values, in words; the share is rounded, and 100 only for every one."""
    return "抽样的值全部" if share == 100 else f"抽样中约 {share}% 的值"


def _by_key(keys: Sequence[str]) -> Match | None:
    for key in keys:
        library, _, field = key.partition("/")
        return next((m for m in matches(field) if m.item.key == key and m.item.library == library), None)
    return None


def _is_fitting(match: Match, column: ColumnProfile, library: str | None) -> bool:
    """Whether the name and the values agree enough to believe it: a short field name of another library is not."""
    if match.how == "initials":
        return False
    shares = column.values.shares if column.values else None
    if shares is not None and match.item.data_element == "GB 11643":
        return shares.id_number >= SOME
    if shares is not None and match.item.data_element == "GB 32100":
        return shares.uscc >= SOME
    return match.how == "chinese" or match.item.library == library


def _name(drafted: _Drafted, match: Match | None) -> None:
    column = drafted.column
    named = head(column.comment)
    if named:
        drafted.apply("name", named, named, "certain", "取自列注释", "from the column's comment")
        if clean(column.comment).strip() != named:
            drafted.values["description"] = clean(column.comment).strip()[:_MAX_DESCRIPTION]
    elif re.search(r"[\u3400-\u9fff]", column.name):
        name = clean(column.name).strip()[:_MAX_NAME]
        drafted.apply("name", name, name, "certain", "列名本身是中文", "the column's name is Chinese")
    elif match is not None:
        zh, en, confidence = _HOWS[match.how]
        fill = {"item": match.item.name, "key": match.item.key}
        drafted.apply("name", match.item.name, match.item.name, confidence, zh.format(**fill), en.format(**fill))
    else:
        name = clean(column.name).strip()[:_MAX_NAME] or "未命名"
        zh = "列没有注释，基础库数据项中也没有对应的名称，暂用列名"
        drafted.apply("name", name, name, "possible", zh, "no comment and no standard item: the column's own name")


def _type(drafted: _Drafted, item: BaseItem | None) -> None:
    column = drafted.column
    found, values = sql_type(column.sql_type), column.values
    longest = values.max_length if values else None
    dates = values.shares.date if values and found.base in TEXTS else 0
    if (item is not None and item.is_date and dates >= ENOUGH) or (item is None and dates == 100):
        zh, en = f"{_part(dates)}是日期", f"about {dates} % of the values looked at are dates"
        drafted.apply("type_code", "D", "D", "likely", zh, en)
        return
    if found.base == "text" and longest is not None and longest > _MEMO_LENGTH:
        drafted.apply("type_code", "M", "M", "likely", "文本很长", "the texts are long")
        return
    if found.letter is None:
        zh = f"{column.sql_type} 在 2017 年指南中没有对应的类型，暂按字符型"
        drafted.apply("type_code", "C", "C", "possible", zh, f"the guide has no type for {column.sql_type}; C for now")
        return
    zh, en = f"列的类型是 {column.sql_type}", f"the column's type is {column.sql_type}"
    drafted.apply("type_code", found.letter, found.letter, "certain", zh, en)
    for field, number in (("length", found.length), ("precision", found.precision)):
        if number is not None and (field == "precision" or number >= 1):
            drafted.apply(field, number, str(number), "certain", zh, en)


def _base_item(drafted: _Drafted, match: Match, *, is_fitting: bool) -> None:
    zh, en, confidence = _HOWS[match.how]
    fill = {"item": match.item.name, "key": match.item.key}
    zh, en = zh.format(**fill), en.format(**fill)
    if is_fitting:
        drafted.apply("base_item", match.item.key, match.item.key, confidence, zh, en)
    else:
        drafted.offer("base_item", match.item.key, zh + "，但依据不足，请核实", en + ", which alone is not enough")


def _data_element(drafted: _Drafted, item: BaseItem | None) -> None:
    values = drafted.column.values
    shares = values.shares if values else None
    for element, what, share in (
        ("GB 11643", "公民身份号码", shares.id_number if shares else 0),
        ("GB 32100", "统一社会信用代码", shares.uscc if shares else 0),
        ("GB 11714", "组织机构代码", shares.org_code if shares else 0),
    ):
        named = item is not None and item.data_element == element
        if share >= ENOUGH or (named and share >= SOME):
            zh = f"{_part(share)}符合{what}的格式与校验位"
            en = f"about {share} % of the values looked at pass the check of {element}"
            drafted.apply("data_element", element, element, "certain" if share == 100 else "likely", zh, en)
            return
        if named and not values:
            zh, en = f"名称是{what}；没有看到值，尚未验证", f"the name is that of {element}; no values were seen"
            drafted.offer("data_element", element, zh, en)
            return


def _code_table(drafted: _Drafted, item: BaseItem | None) -> None:
    values = drafted.column.values
    if item is not None and item.code_table:
        title = code_table(item.code_table).title
        share = (
            next((each.percent for each in values.code_tables if each.code_table == item.code_table), 0)
            if values
            else 0
        )
        zh, en = f"“{item.name}”用《{title}》", f"{item.key} uses {item.code_table}"
        if share >= ENOUGH:
            zh, en = f"{zh}，{_part(share)}在表中", f"{en}; about {share} % of the values looked at are in it"
            drafted.apply("code_table", item.code_table, item.code_table, "certain", zh, en)
        else:
            drafted.offer(
                "code_table", item.code_table, f"{zh}；值未验证或不符", f"{en}; the values do not bear it out"
            )
        return
    if values and values.code_tables and values.distinct >= _MANY_CODES and values.shares.region < SOME:
        best = values.code_tables[0]
        zh = f"{_part(best.percent)}是《{code_table(best.code_table).title}》的代码，仅凭值推测"
        en = f"about {best.percent} % of the values looked at are codes of {best.code_table}; by the values alone"
        drafted.offer("code_table", best.code_table, zh, en)


def _sensitivity(drafted: _Drafted, match: Match | None, *, is_fitting: bool) -> None:
    column = drafted.column
    shares = column.values.shares if column.values else None
    name = str(drafted.values.get("name", ""))
    if shares is not None and shares.id_number > 0:
        zh = f"{_part(shares.id_number)}是公民身份号码"
        en = f"about {shares.id_number} % of the values looked at are citizen numbers"
        drafted.apply("sensitivity", 4, "4", "certain" if shares.id_number >= SOME else "likely", zh, en)
        return
    level = match.item.sensitivity if match else 0
    if match is not None and (level >= _PERSONAL or (is_fitting and level)):  # a doubt is no reason to call it public
        zh, en = f"基础库数据项“{match.item.name}”的建议级别", f"the level suggested for {match.item.key}"
        drafted.apply("sensitivity", level, str(level), "likely" if is_fitting else "possible", zh, en)
        return
    for named, pattern, what_zh, what_en in _SENSITIVE:
        if re.search(pattern, f"{name} {column.name}".casefold()):
            zh, en = f"名称表明是{what_zh}", f"by its name it is {what_en}"
            drafted.apply("sensitivity", named, str(named), "likely", zh, en)
            return
    if shares is not None:
        for share, what_zh, what_en in (
            (shares.phone, "电话号码", "telephone numbers"),
            (shares.person_name, "姓名", "people's names"),
        ):
            if share >= SOME:
                zh, en = f"{_part(share)}像{what_zh}", f"about {share} % of the values look like {what_en}"
                drafted.apply("sensitivity", 3, "3", "likely", zh, en)
                return
    zh = "没有发现个人信息的特征，暂按 2 级（内部），请人工确定"
    drafted.apply("sensitivity", 2, "2", "possible", zh, "no sign of personal data; level 2 until a person decides")

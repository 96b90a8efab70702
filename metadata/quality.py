"""Quality rules of a table, derived from its items, and the report of having checked them.

A rule is neutral: it says what must hold, not how it is computed (``pipelines.checks`` does that). Each carries the
indicator of GB/T 36344-2018 that it measures; the first two digits of an indicator are its dimension. What an item says
by itself is declared here, what the items of a base library say together in ``base_rules``.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from metadata.base_rules import Asked, RowKind, asked
from metadata.checks import DATA_ELEMENTS
from metadata.errors import MetadataError
from metadata.record import Record
from metadata.resource import Item, TypeCode
from standards import codes

ItemKind = Literal["not_null", "type", "length", "code", "check_digit", "unique", "row_count", "set_aside_share"]
RuleKind = ItemKind | RowKind
Action = Literal["hold", "set_aside", "report"]
Place = Literal["source", "staging"]

# GB/T 36344-2018: dimension -> name, and the indicator each kind of rule measures (standards/07 §1).
DIMENSIONS = {"01": "规范性", "02": "完整性", "03": "准确性", "04": "一致性", "05": "时效性"}
_INDICATORS: dict[ItemKind, str] = {
    "not_null": "0201",
    "type": "0302",
    "length": "0302",
    "code": "0105",
    "check_digit": "0104",
    "unique": "0304",
    "row_count": "0202",
    "set_aside_share": "0305",
}

_MEANINGS: dict[str, str] = {
    "not_null": "{about}必填，不能为空",
    "type": "{about}应是有效的{type}值",
    "length": "{about}{length}",
    "code": "{about}应取代码表 {limits.code_table} 所列的代码",
    "check_digit": "{about}应符合 {limits.standard} 的格式与校验位",
    "unique": "{about}是主键，不能与别的行相同",
    "row_count": "至少应有 {limits.min_rows} 行",
    "set_aside_share": "单列的行不得超过百万分之 {limits.max_ppm}",
}

# DESIGN §8: rows set aside above 0.1 % of all rows hold the batch.
MAX_SET_ASIDE_PPM = 1000

_NUMBERS = frozenset("NYIBF")
_TYPED = frozenset("NYIBFDTL")  # letters whose text form has a grammar; C, M and G take any value
_WORDS = frozenset("CM")


class Parameters(Record):
    """What a rule compares with; which members are set depends on its kind.

    ``max_length`` is in characters, for a number in significant digits; ``max_scale`` in decimal places;
    ``max_ppm`` in parts per million. Rules of a base library have their ``number`` in standards/06, the ``roles`` of
    their columns (the standard items' fields), their ``meaning``, and where they compare with it the ``limits`` of a
    number in degrees or the entry's ``box_mas`` (west, south, east, north in thousandths of an arc second).
    """

    type_code: TypeCode | None = None
    max_length: int | None = None
    max_scale: int | None = None
    code_table: str = ""
    standard: str = ""
    min_rows: int | None = None
    max_ppm: int | None = None
    number: str = ""
    roles: tuple[str, ...] = ()
    meaning: str = ""
    limits: tuple[int, int] | None = None
    box_mas: tuple[int, int, int, int] | None = None


class Rule(Record):
    """One thing that must hold for every row, or (``row_count``, ``set_aside_share``) for the table as a whole.

    ``columns`` are item fields. ``action`` says what a failure does at the source: rows stay behind (``set_aside``),
    nothing leaves (``hold``), or it is only counted (``report``: the rule's source is not certain). On staging whatever
    would set aside holds, because what was to stay behind has stayed behind.
    """

    rule_id: str = Field(min_length=1)
    kind: RuleKind
    columns: tuple[str, ...] = ()
    indicator: str = Field(pattern=r"^0[1-6]0[1-6]$")
    action: Action = "set_aside"
    parameters: Parameters = Parameters()

    @property
    def dimension(self) -> str:
        """The dimension's Chinese name (规范性, 完整性, 准确性)."""
        return DIMENSIONS[self.indicator[:2]]


class RuleResult(Record):
    """What checking one rule gave: how many rows it applied to, how many fail it. Never values.

    GB/T 36344's X = A/B is (evaluated - failed) / evaluated; with nothing evaluated it is not 100 % but absent.
    """

    rule_id: str
    kind: RuleKind
    indicator: str
    action: Action
    evaluated: int = Field(ge=0)
    failed: int = Field(ge=0)
    passed: bool


class CheckReport(Record):
    """Every rule run on one relation at one place, in counts; its canonical bytes are what ``report_digest`` is of."""

    subject: str
    place: Place
    rows: int = Field(ge=0)
    set_aside: int = Field(ge=0)
    results: tuple[RuleResult, ...]
    run: int = Field(ge=0)
    passed: int = Field(ge=0)
    engine: str
    suite_name: str


def rules_of(
    items: tuple[Item, ...], *, min_rows: int = 0, box_mas: tuple[int, int, int, int] | None = None
) -> tuple[Rule, ...]:
    """Every rule the items declare, in the items' order, then those of several items, then those of the whole table.

    All ``is_key`` items together are one key: no part of it may be NULL and no two rows may share it. ``min_rows`` adds
    the rule that the table has at least so many rows, for whoever knows that an empty one is a fault. ``box_mas`` is
    where the entry says its geometry lies.

    Raises ``MetadataError CODE_TABLE_UNKNOWN`` for an item that names a code table nobody has: what cannot be checked
    does not pass.
    """
    rules = [rule for item in items for rule in _item_rules(item)]
    key = tuple(item.field for item in items if item.is_key)
    if key:
        rules.append(_rule("unique", key))
    rules += [_base_rule(each, box_mas) for each in asked(items, has_box=box_mas is not None)]
    if min_rows > 0:
        rules.append(_rule("row_count", (), action="hold", parameters=Parameters(min_rows=min_rows)))
    if rules:
        rules.append(_rule("set_aside_share", (), action="hold", parameters=Parameters(max_ppm=MAX_SET_ASIDE_PPM)))
    return tuple(rules)


def meaning(rule: Rule, names: Mapping[str, str]) -> str:
    """The rule in Chinese, for whoever has to put a row right; ``names`` are the items' names by field. No values."""
    about = "、".join(f"“{names.get(field, field)}”" for field in rule.columns)
    limits = rule.parameters
    if limits.number:
        said = limits.meaning.format(*(f"“{names.get(field, field)}”" for field in rule.columns))
        return f"{said}（基础库规则 {limits.number}，只提示）"
    return _MEANINGS[rule.kind].format(
        about=about,
        type=codes.table("guide2017-item-type").label(limits.type_code) if limits.type_code else "",
        length=_meaning_of_length(limits),
        limits=limits,
    )


def _meaning_of_length(limits: Parameters) -> str:
    if limits.type_code in _WORDS:
        return f"不超过 {limits.max_length} 个字符"
    digits = None if limits.max_length is None else f"有效数字不超过 {limits.max_length} 位"
    places = None if limits.max_scale is None else f"小数不超过 {limits.max_scale} 位"
    return "，".join(part for part in (digits, places) if part)


def _item_rules(item: Item) -> list[Rule]:
    columns = (item.field,)
    rules = []
    if item.is_key or not item.is_nullable:
        rules.append(_rule("not_null", columns))
    if item.type_code in _TYPED:
        rules.append(_rule("type", columns, parameters=Parameters(type_code=item.type_code)))
    length = _length(item)
    if length is not None:
        rules.append(_rule("length", columns, parameters=length))
    if item.code_table:
        rules.append(_code_rule(item))
    if item.data_element in DATA_ELEMENTS:
        rules.append(_rule("check_digit", columns, parameters=Parameters(standard=item.data_element)))
    return rules


def _code_rule(item: Item) -> Rule:
    """A value must be listed; where the table's own source is not certain, an unlisted one is only counted."""
    if not codes.is_table(item.code_table):
        raise MetadataError("CODE_TABLE_UNKNOWN", name=item.code_table, field=item.field)
    action: Action = "set_aside" if codes.table(item.code_table).unlisted == "error" else "report"
    return _rule("code", (item.field,), action=action, parameters=Parameters(code_table=item.code_table))


def _length(item: Item) -> Parameters | None:
    """Limits of a text or a number. The length of a date or logical value is its spelling's: the type rule's matter."""
    if item.type_code in _WORDS and item.length is not None:
        return Parameters(type_code=item.type_code, max_length=item.length)
    if item.type_code in _NUMBERS and (item.length is not None or item.precision is not None):
        return Parameters(type_code=item.type_code, max_length=item.length, max_scale=item.precision)
    return None


def _base_rule(asked: Asked, box_mas: tuple[int, int, int, int] | None) -> Rule:
    """Only counted: none of them is more certain than recollection. Two columns are enough to tell them apart."""
    rule = asked.rule
    return Rule(
        rule_id=":".join([rule.kind, *asked.columns[:2]]),
        kind=rule.kind,
        columns=asked.columns,
        indicator=rule.indicator,
        action="report",
        parameters=Parameters(
            number=rule.number,
            roles=asked.roles,
            meaning=rule.meaning,
            limits=rule.limits,
            box_mas=box_mas if rule.needs_box else None,
        ),
    )


def _rule(
    kind: ItemKind, columns: tuple[str, ...], action: Action = "set_aside", parameters: Parameters | None = None
) -> Rule:
    return Rule(
        rule_id=":".join([kind, *columns]),
        kind=kind,
        columns=columns,
        indicator=_INDICATORS[kind],
        action=action,
        parameters=parameters or Parameters(),
    )

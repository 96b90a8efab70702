"""How a table differs from what was granted: every difference at once, so that one look is enough. Pure."""

from collections.abc import Mapping

_MOST_NAMED = 20


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What a person must know to mend the table: columns by name, types as ``format_type`` spells them.

    A missing column is told together with the one it may have been renamed to: the only other column of its type.
    Further columns are no difference; when there is one, they are named, because they may explain it.
    """
    others = {name: sql_type for name, sql_type in found.items() if name not in expected}
    missing = [_missing(name, sql_type, others) for name, sql_type in expected.items() if name not in found]
    retyped = [
        f"列 {name} 的类型是 {found[name]}，授权时为 {sql_type}"
        for name, sql_type in expected.items()
        if name in found and found[name] != sql_type
    ]
    told = missing + retyped
    if told and others:
        named = "、".join(f"{name}（{sql_type}）" for name, sql_type in list(others.items())[:_MOST_NAMED])
        told.append(f"未授权的列有 {named}" + ("等" if len(others) > _MOST_NAMED else ""))
    return told


def _missing(name: str, sql_type: str, others: Mapping[str, str]) -> str:
    alike = [other for other, other_type in others.items() if other_type == sql_type]
    guess = f"，可能已改名为 {alike[0]}" if len(alike) == 1 else ""
    return f"缺少列 {name}{guess}"

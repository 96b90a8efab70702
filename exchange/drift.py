"""How a table differs from what was granted: every difference at once, so that one look is enough. Pure."""

from collections.abc import Mapping

_MOST_NAMED = 20


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a person must know to mend the table, in Chinese and English: columns by name, types as ``format_type``
    spells them.

    A missing column is told together with the one it may have been renamed to: the only other column of its type.
    Further columns are no difference; when there is one, they are named, because they may explain it.
    """
    others = {name: sql_type for name, sql_type in found.items() if name not in expected}
    missing = [_missing(name, sql_type, others) for name, sql_type in expected.items() if name not in found]
    retyped = [
        (
            f"列 {name} 的类型是 {found[name]}，授权时为 {sql_type}",
            f"column {name} is {found[name]} and was granted as {sql_type}",
        )
        for name, sql_type in expected.items()
        if name in found and found[name] != sql_type
    ]
    told = missing + retyped
    if told and others:
        shown, is_more = list(others.items())[:_MOST_NAMED], len(others) > _MOST_NAMED
        named = "、".join(f"{name}（{sql_type}）" for name, sql_type in shown) + ("等" if is_more else "")
        named_en = ", ".join(f"{name} ({sql_type})" for name, sql_type in shown) + (" …" if is_more else "")
        told.append((f"未授权的列有 {named}", f"columns that were not granted: {named_en}"))
    return told


def _missing(name: str, sql_type: str, others: Mapping[str, str]) -> tuple[str, str]:
    alike = [other for other, other_type in others.items() if other_type == sql_type]
    if len(alike) == 1:
        return f"缺少列 {name}，可能已改名为 {alike[0]}", f"column {name} is missing; it may be called {alike[0]} now"
    return f"缺少列 {name}", f"column {name} is missing"

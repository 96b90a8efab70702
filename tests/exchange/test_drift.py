"""Every difference is told at once, with what may explain it."""

from exchange.drift import differences

GRANTED = {"id_no": "character varying(18)", "name": "text", "amount": "numeric(12,2)"}


def test_no_difference_though_there_is_more() -> None:
    assert differences(GRANTED, GRANTED | {"phone": "text"}) == []


def test_all_differences_and_the_likely_new_name() -> None:
    found = {"id_no": "character varying(20)", "full_name": "text", "phone": "integer"}
    assert differences(GRANTED, found) == [
        ("缺少列 name，可能已改名为 full_name", "column name is missing; it may be called full_name now"),
        ("缺少列 amount", "column amount is missing"),
        (
            "列 id_no 的类型是 character varying(20)，授权时为 character varying(18)",
            "column id_no is character varying(20) and was granted as character varying(18)",
        ),
        (
            "未授权的列有 full_name（text）、phone（integer）",
            "columns that were not granted: full_name (text), phone (integer)",
        ),
    ]


def test_two_alike_are_no_guess_and_many_are_cut() -> None:
    others = {f"c{n}": "text" for n in range(25)}
    missing, named = differences(GRANTED, {"id_no": GRANTED["id_no"], "amount": GRANTED["amount"]} | others)
    assert missing == ("缺少列 name", "column name is missing")
    assert (named[0].count("（"), named[1].count("(")) == (20, 20)
    assert (named[0][-1], named[1][-1]) == ("等", "…")

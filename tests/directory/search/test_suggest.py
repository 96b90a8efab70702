"""Suggestions by characters, initials and syllables, of what the asker may see only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from directory.roles import Role
from directory.search.folding import fold
from directory.search.pinyin import initials, spelled, syllables
from directory.search.suggest import suggest

TITLES = (
    "企业登记基本信息",
    "小微企业名录",
    "银行行政处罚信息",
    "西安市地图",
    "先进单位名单",
    "重庆人口 2020 年报",
    "税",
)


@pytest.fixture(scope="module")
def titles(shelf: Any) -> Any:
    shelf.add(*TITLES)
    return TITLES


def _titles(shelf: Any, typed: str, actor: Any = None) -> list[str]:
    with shelf.app.state.sessions.begin() as session:
        found = suggest(session, shelf.kept_index(), actor or shelf.editor, typed)
    return [each.text for each in found if each.kind == "title"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("企业", ["企业登记基本信息", "小微企业名录"]),  # what begins so comes first
        ("企業", ["企业登记基本信息", "小微企业名录"]),
        ("qy", ["企业登记基本信息", "小微企业名录"]),
        ("QYDJ", ["企业登记基本信息"]),
        ("qiyedengji", ["企业登记基本信息"]),
        ("qiyede", ["企业登记基本信息"]),
        ("xiaoweiq", ["小微企业名录"]),
        ("yinhang", ["银行行政处罚信息"]),  # 行 as hang here
        ("hangxingzheng", ["银行行政处罚信息"]),
        ("xian", ["西安市地图", "先进单位名单"]),
        ("xi'an", ["西安市地图"]),
        ("cqrk2020", ["重庆人口 2020 年报"]),
        ("chongqing", ["重庆人口 2020 年报"]),
        ("企业d", ["企业登记基本信息"]),  # the rest still being typed
        ("企业dengj", ["企业登记基本信息"]),
        ("银行xz", ["银行行政处罚信息"]),
        ("小微qiye", ["小微企业名录"]),
        ("企业z", []),
        ("税", ["税"]),
        ("s", ["税"]),
        ("", []),
        ("   ", []),
        ("zzzz", []),
        ("<script>", []),
    ],
)
def test_titles_are_suggested_by_what_is_typed(shelf: Any, titles: Any, typed: str, found: list[str]) -> None:
    assert _titles(shelf, typed)[: len(found)] == found
    if not found:
        assert _titles(shelf, typed) == []


def test_departments_are_suggested_where_the_asker_sees_something_of_theirs(shelf: Any, city: Any, titles: Any) -> None:
    stranger = city.person(city.organisation("外地档案馆"), Role.EDITOR).actor
    name = shelf.editor.org_name
    for actor, expected in ((shelf.editor, [name]), (stranger, [])):
        with shelf.app.state.sessions.begin() as session:
            found = suggest(session, shelf.kept_index(), actor, name[:4])
        assert [each.text for each in found if each.kind == "provider"] == expected
        assert _titles(shelf, "企业", stranger) == []


def test_programs_ask_and_are_refused_without_a_sign_in(city: Any, shelf: Any, titles: Any) -> None:
    client = city.person(shelf.editor.org_code, Role.EDITOR).client
    (first, *_) = client.get("/api/v1/resources/suggest", params={"q": "qydj"}).json()
    assert (first["kind"], first["text"]) == ("title", "企业登记基本信息")
    assert first["ref"]
    assert client.get("/api/v1/resources/suggest", params={"q": "长" * 201}).status_code == 422
    assert client.get("/api/v1/resources/suggest").status_code == 422
    assert city.client().get("/api/v1/resources/suggest", params={"q": "x"}).status_code == 401


@given(st.text(st.sampled_from("企业登记基本信息人口法单位年报查询"), min_size=1, max_size=8), st.data())
def test_any_part_of_a_titles_syllables_and_initials_answers(title: str, data: st.DataObject) -> None:
    """Without an index: a phrase of tokens in a row, the last one perhaps unfinished, as tantivy takes it."""
    read = lazy_pinyin(title)
    start = data.draw(st.integers(0, len(read) - 1))
    end = data.draw(st.integers(start + 1, len(read)))
    kept = spelled(fold(title)).split(" ")
    typed = "".join(read[start:end])
    assert any(_is_phrase(kept, each, is_open=True) for each in syllables(typed, is_start=False))
    assert start or any(_is_phrase(kept, each, is_open=True) for each in syllables(typed, is_start=True))
    letters = "".join(each[0] for each in read[start:end])
    assert len(letters) < 2 or _is_phrase(kept, initials(letters, is_start=False), is_open=False)


def _is_phrase(kept: list[str], wanted: list[str], *, is_open: bool) -> bool:
    return any(
        kept[at : at + len(wanted) - 1] == wanted[:-1]
        and (kept[at + len(wanted) - 1].startswith(wanted[-1]) if is_open else kept[at + len(wanted) - 1] == wanted[-1])
        for at in range(len(kept) - len(wanted) + 1)
    )

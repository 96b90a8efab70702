"""The search page and the same search for programs."""

import re
from typing import Any

import pytest

from directory.roles import Role


@pytest.fixture(scope="module")
def browser(city: Any, shelf: Any) -> Any:
    shelf.add(*(f"水质监测{number:02d}" for number in range(25)), update_cycle="daily")
    shelf.add("大气监测", library="statistics", update_cycle="yearly")
    return city.browser(city.person(shelf.editor.org_code, Role.EDITOR).actor.username)


def test_results_are_marked_counted_and_paged(browser: Any) -> None:
    first = browser.get("/resources?q=水质")
    assert first.status_code == 200
    assert "<mark>水质</mark>监测" in first.text
    assert "第 1–20 条，共 25 条" in first.text
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = browser.get(following[1].replace("&amp;", "&"))
    assert "第 21–25 条，共 25 条" in second.text
    assert 'rel="prev"' in second.text
    assert 'rel="next"' not in second.text


def test_filters_stay_while_searching_and_can_be_taken_off_one_by_one(browser: Any) -> None:
    page = browser.get("/resources?q=监测&cycle=yearly&library=statistics").text
    assert '<b aria-live="polite">1 条</b>' in page
    assert 'aria-label="去掉条件 每年"' in page
    assert 'href="/resources?q=%E7%9B%91%E6%B5%8B&amp;library=statistics" aria-label="去掉条件 每年"' in page
    assert "全部去掉（26 条）" in page
    assert re.search(r'name="cycle" value="yearly" checked', page)
    assert '<input type="hidden" name="cycle" value="yearly">' in page


def test_nothing_found_says_what_was_tried_and_what_is_left_to_do(browser: Any) -> None:
    page = browser.get("/resources?q=水质&library=statistics").text
    assert "没有与“水质”相符的目录" in page
    assert "去掉全部筛选条件后有 25 条" in page
    assert "去掉条件再找" in page
    bare = browser.get("/resources?q=碳排放核查").text
    assert "看全部目录" in bare
    assert "去掉条件再找" not in bare


def test_typed_markup_stays_text(browser: Any) -> None:
    page = browser.client.get("/resources", params={"q": '"><script>x'}, headers={"accept": "text/html"}).text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"q": "水" * 201}, 422),
        ({"library": "Unknown!"}, 422),
        ({"region": "4"}, 422),
        ({"colour": "red"}, 422),
        ({"size": "0"}, 422),
        ({"size": "101"}, 422),
        ({"after": "made up"}, 400),
        ({"q": "\x00水质"}, 200),
        ({"q": "'; DROP TABLE resource; --"}, 200),
    ],
)
def test_odd_input_is_refused_by_name_or_searched_for(
    city: Any, shelf: Any, browser: Any, params: dict[str, str], status: int
) -> None:
    client = city.person(shelf.editor.org_code, Role.EDITOR).client
    answer = client.get("/api/v1/resources", params=params)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["next_step"]
    assert browser.client.get("/resources", params=params, headers={"accept": "text/html"}).status_code == status


def test_programs_get_total_items_facets_and_next(city: Any, shelf: Any, browser: Any) -> None:
    client = city.person(shelf.editor.org_code, Role.EDITOR).client
    found = client.get("/api/v1/resources", params={"q": "监测", "size": 2, "cycle": ["daily", "yearly"]}).json()
    assert {"total", "items", "facets", "next"} <= found.keys()
    assert found["total"] == 26
    assert {
        "identifier",
        "code",
        "title",
        "abstract",
        "provider",
        "library",
        "share_type",
        "status",
        "updated_on",
    } <= found["items"][0].keys()
    assert {bucket["value"]: bucket["count"] for bucket in found["facets"]["cycle"]} == {"daily": 25, "yearly": 1}
    following = {"q": "监测", "size": 3, "cycle": ["daily", "yearly"], "after": found["next"]}
    assert len(client.get("/api/v1/resources", params=following).json()["items"]) == 3
    assert city.client().get("/api/v1/resources").status_code == 401

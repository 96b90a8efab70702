"""The pages: each guess with its reason, the share type chosen by the person, nothing typed lost."""

import html
import re
from typing import Any

from tests.directory.proposals.conftest import Desk, column


def fields(text: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ('type="text"' in tag or " checked" in tag):
            found[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[html.unescape(name)] = chosen[1] if chosen else ""
    return found


def test_the_story_in_a_browser(desk: Desk, city: Any) -> None:
    odd = (column('带"引号"', "text"), column("a\nb", "text"), column("%s", "text"))
    proposal_id = desk.proposed(*odd)
    browser = city.browser(desk.editor.actor.username)
    listed = browser.get("/proposals").text
    assert "户籍人员" in listed
    assert f"public.{desk.table}" in listed
    address = f"/proposals/{proposal_id}"
    shown = browser.get(address).text
    assert "取自表注释" in shown
    assert "符合公民身份号码的格式与校验位" in shown
    assert "一般为有条件共享" in shown
    sent = fields(shown) | {"name:xm": "本人姓名", "title": "户籍 <人员>"}
    assert "share_type" not in sent
    del sent["keep:bz"]
    refused = browser.send(address, address, do="confirm", **sent)
    assert refused.status_code == 422
    assert "请选定共享类型" in refused.text
    kept = fields(refused.text)
    assert (kept["name:xm"], kept["title"], "keep:bz" in kept) == ("本人姓名", "户籍 <人员>", False)
    bad = browser.send(address, address, do="confirm", **kept | {"share_type": "none", "code_table:xb": "乱写"})
    assert (bad.status_code, "没有名为“乱写”的代码表" in html.unescape(bad.text)) == (400, True)
    done = browser.send(address, address, do="confirm", **kept | {"share_type": "conditional", "title": "户籍人员"})
    assert done.status_code == 303, done.text
    assert "本人姓名" in browser.get(done.headers["location"]).text
    assert "已登记为目录" in browser.get(address).text
    once = browser.send("/resources/new?library=population", address, do="confirm", **sent | {"share_type": "none"})
    assert (once.status_code, "已经办结" in once.text) == (409, True)


def test_declining_in_a_browser(desk: Desk, city: Any) -> None:
    proposal_id = desk.proposed()
    browser, address = city.browser(desk.editor.actor.username), f"/proposals/{proposal_id}"
    missing = browser.send(address, address, do="decline", title="改过的名称", reason=" ")
    assert (missing.status_code, "改过的名称" in missing.text) == (400, True)
    done = browser.send(address, address, do="decline", reason="系统日志表")
    assert done.headers["location"] == "/proposals?done=declined"
    assert "系统日志表" in browser.get("/proposals?status=declined").text


def test_what_was_typed_moves_to_the_newer_proposal(desk: Desk, city: Any) -> None:
    address = f"/proposals/{desk.proposed()}"
    browser = city.browser(desk.editor.actor.username)
    sent = fields(browser.get(address).text) | {"share_type": "conditional", "name:xm": "本人姓名"}
    newer = desk.proposed(column("dh", "text"))
    answer = browser.send("/proposals/" + newer, address, do="confirm", **sent)
    assert (answer.status_code, "已有更新的编目建议" in answer.text) == (409, True)
    kept = fields(answer.text)
    assert (kept["name:xm"], kept["share_type"], kept["keep:dh"]) == ("本人姓名", "conditional", "yes")
    assert f'action="/proposals/{newer}"' in answer.text


def test_known_tables_and_strangers(desk: Desk, city: Any) -> None:
    browser = city.browser(desk.editor.actor.username)
    first = desk.proposed()
    address = f"/proposals/{first}"
    browser.send(address, address, do="confirm", **fields(browser.get(address).text) | {"share_type": "none"})
    again = desk.proposed(column("phone", "text"))
    listed = browser.get("/proposals").text
    assert "已挂接的表" in listed
    assert "多出 1 列" in listed
    shown = browser.get(f"/proposals/{again}").text
    assert "不必另行登记" in shown
    assert 'value="confirm"' not in shown
    other = city.browser(desk.stranger.actor.username)
    assert other.get(f"/proposals/{again}").status_code == 404
    assert "hutong node scan" in other.get("/proposals").text  # an empty list says what to do
    assert city.browser(desk.head.actor.username).get("/proposals").status_code == 403

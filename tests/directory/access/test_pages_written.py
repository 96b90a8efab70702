"""What somebody wrote on a request's pages stays as they wrote it: line breaks, length, and when their session ends."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from tests.directory.access.test_pages import HTML, PASSWORD, TYPED, Browser, address_of, browser, token

__all__ = ["browser"]


def test_what_was_written_on_several_lines_is_shown_on_several_lines_and_counted_as_typed(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    clerk, lines = browser("clerk"), "一、核验待遇\r\n二、补发待遇\r\n" + "字" * 1986
    assert len(lines) == 2002  # two more than may be, as browsers send it; 2000 as typed
    answer = clerk.send(address_of(resource), "/requests/new", resource=resource, **TYPED | {"scenario": lines})
    assert answer.status_code == 303, answer.text
    page = clerk.get(answer.headers["location"])
    assert f'<dd class="kept">{lines.replace(chr(13), "")}</dd>' in page
    answer = clerk.send(
        answer.headers["location"], f"{answer.headers['location']}/comments", words="甲：\r\n乙", file=""
    )
    assert answer.status_code == 303
    assert '<span class="kept">甲：\n乙</span>' in clerk.get(answer.headers["location"])


def test_a_text_that_is_too_long_is_kept_and_says_how_long_it_is(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    """Nothing is cut off in the browser: a text that was pasted would lose its end without a word."""
    clerk, long = browser("clerk"), "字" * 2100
    answer = clerk.send(address_of(resource), "/requests/new", resource=resource, **TYPED | {"basis": long})
    assert answer.status_code == 422
    assert "最长 2000 个字，现在是 2100 个；请缩短" in answer.text
    assert long in answer.text
    page = f"/requests/{town.create(resource)['id']}"
    files = {"file": ("授权书.pdf", b"%PDF-1.7", "application/pdf")}
    data = {"csrf_token": token(clerk.get(page)), "words": long}
    answer = clerk.client.post(f"{page}/comments", data=data, files=files, headers=HTML)
    assert answer.status_code == 422
    assert "最长 2000 个字，现在是 2100 个" in answer.text
    assert long in answer.text
    assert "授权书.pdf" not in clerk.get(page)


def test_a_session_that_ended_meanwhile_costs_neither_what_was_typed_nor_which_text_it_was_about(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    clerk, request_id = browser("clerk"), town.create(resource)["id"]
    opened = clerk.get(f"/requests/{request_id}/edit")
    assert f"/requests/{request_id}/edit?version=1" in opened
    town.people["clerk"].client.put(f"/api/v1/requests/{request_id}", json=town.asks(resource, scope="另一页改的"))
    again = _sent_after_the_session(town, clerk, f"/requests/{request_id}/edit?version=1", opened, TYPED)
    assert 'enctype="multipart/form-data"' not in again
    answer = clerk.client.post(_action(again), data=_hidden(again), headers=HTML)
    assert answer.status_code == 409
    assert "您看的是第 1 稿" in answer.text
    assert str(TYPED["scope"]) in answer.text


def test_after_the_session_a_file_is_asked_for_anew_with_what_was_typed_beside_it(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    clerk, page = browser("clerk"), f"/requests/{town.create(resource)['id']}"
    files = {"file": ("授权书.pdf", b"%PDF-1.7", "application/pdf")}
    again = _sent_after_the_session(
        town, clerk, f"{page}/comments", clerk.get(page), {"words": "见附件\n第二行"}, files
    )
    assert "再选一次文件“授权书.pdf”" in again
    assert 'enctype="multipart/form-data"' in again
    assert re.findall(r"<(input|button)[^>]* autofocus>", again) == ["input"], "Enter would send it without the file"
    assert _hidden(again)["words"] == "见附件\n第二行"
    answer = clerk.client.post(_action(again), data=_hidden(again), files=files, headers=HTML)
    assert answer.status_code == 303
    shown = clerk.get(page)
    assert "授权书.pdf" in shown
    assert "见附件\n第二行" in shown


def _sent_after_the_session(
    town: Any, clerk: Browser, address: str, opened: str, fields: Any, files: Mapping[str, Any] | None = None
) -> str:
    """The page after signing in anew, of a form that was sent when its session was over."""
    elsewhere = town.city.client()
    elsewhere.cookies.update(clerk.client.cookies)
    elsewhere.post("/logout", data={"csrf_token": token(opened)}, headers=HTML)
    data = {"csrf_token": token(opened)} | fields
    refused = clerk.client.post(address, data=data, files=files, headers=HTML)
    assert refused.status_code == 401
    assert "登录已过期" in refused.text
    signing_in = _hidden(refused.text) | {"username": town.people["clerk"].actor.username, "password": PASSWORD}
    answer = clerk.client.post("/login", data=signing_in, headers=HTML)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def _hidden(page: str) -> dict[str, Any]:
    """What the form carries by itself; of several values of one field all."""
    found: dict[str, list[str]] = {}
    main = page[page.index("<main") :]
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', main):
        found.setdefault(unescape(name), []).append(unescape(value))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _action(page: str) -> str:
    return unescape(re.findall(r'<form class="panel narrow" method="post" action="([^"]*)"', page)[0])

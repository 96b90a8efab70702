"""Rows are chosen from what the provider offers; caps are the catalogue's; nothing typed becomes a condition."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from directory.offers.queries import own_region
from metadata.access import SinceFilter
from tests.directory.access.conftest import TODAY, Town, conditional_sharing, granted, mount_of, refused

OWN = {"template": "region", "field": "xzqhdm", "prefixes": ["330100"]}


@pytest.fixture(scope="module")
def entry(town: Town) -> str:
    return town.publish("按地区提供的登记信息", conditional_sharing())


def _declare(town: Town, entry: str, who: str = "lead", **body: Any) -> Any:
    return town.people[who].client.post("/api/v1/offers", json={"resource": entry} | body)


def _ask(town: Town, entry: str, **changes: Any) -> Any:
    return town.people["clerk"].client.post("/api/v1/requests", json=town.asks(entry, **changes))


def test_without_an_offer_each_item_takes_what_fits_it(town: Town, entry: str) -> None:
    assert _ask(town, entry, row_filter=OWN).status_code == 201
    long = {"template": "region", "field": "xzqhdm", "prefixes": ["3301020000"]}
    assert refused(_ask(town, entry, row_filter=long), 409, "FILTER_VALUE")
    day = {"template": "equals", "field": "djrq", "values": ["去年"]}
    assert refused(_ask(town, entry, row_filter=day), 409, "FILTER_VALUE")
    sql = {"template": "sql", "field": "xm", "where": "1=1"}
    assert refused(_ask(town, entry, row_filter=sql), 422, "INPUT_MALFORMED")


def test_what_is_offered_bounds_what_is_asked(town: Town, entry: str) -> None:
    own = {"field": "xzqhdm", "template": "region", "is_own_region": True}
    assert refused(_declare(town, entry, "own_lead", **own), 403, "FORBIDDEN")
    assert refused(_declare(town, entry, field="nix", template="region"), 409, "FILTER_ITEM_UNKNOWN")
    assert refused(_declare(town, entry, field="djrq", template="region"), 409, "FILTER_VALUE")
    assert refused(_declare(town, entry, field="djrq", template="equals", choices=["昨天"]), 409, "FILTER_VALUE")
    assert refused(_declare(town, entry, field="xzqhdm", template="region", choices=["省"]), 409, "FILTER_VALUE")
    assert _declare(town, entry, **own).status_code == 201
    assert refused(_declare(town, entry, **own), 409, "OFFER_STANDS")
    status = {"field": "xm", "template": "equals", "choices": ["张三", "李四"]}
    view = _declare(town, entry, "editor", **status).json()
    with town.city.app.state.sessions() as session:
        region = own_region(session, town.orgs["requester"])
    assert region == "3301"
    assert [(each["item"], each["template_name"]) for each in view["filters"]] == [
        ("行政区划代码", "按行政区划"),
        ("姓名", "按取值"),
    ]
    elsewhere = {"template": "region", "field": "xzqhdm", "prefixes": ["3302"]}
    for row_filter in (
        elsewhere,
        {"template": "region", "field": "xzqhdm", "prefixes": ["33"]},
        {"template": "equals", "field": "xm", "values": ["张三", "王五"]},
        {"template": "equals", "field": "sfzhm", "values": ["1"]},
    ):
        assert refused(_ask(town, entry, row_filter=row_filter), 409, "FILTER_NOT_OFFERED")
    assert _ask(town, entry).status_code == 201  # all rows
    made = town.agreed(entry, row_filter={"template": "region", "field": "xzqhdm", "prefixes": ["330102"]})
    signed = granted(town, made["grant_id"]).row_filter
    assert signed is not None
    assert signed.model_dump(mode="json") == {"template": "region", "field": "xzqhdm", "prefixes": ["330102"]}
    lead = town.city.browser(town.people["lead"].actor.username)
    assert (
        "“行政区划代码”以 330102 开头的行" in lead.get(f"/requests/{made['id']}").text
    )  # the provider reads it in words
    draft = _ask(town, entry, row_filter={"template": "equals", "field": "xm", "values": ["张三"]}).json()
    changed = town.people["clerk"].client.put(
        f"/api/v1/requests/{draft['id']}", json=town.asks(entry, row_filter=elsewhere)
    )
    assert refused(changed, 409, "FILTER_NOT_OFFERED")


def test_a_filter_is_withdrawn_and_history_stays(town: Town, entry: str) -> None:
    offers = town.people["lead"].client.get("/api/v1/offers", params={"resource": entry}).json()
    offer = offers["filters"][-1]["id"]
    at = f"/api/v1/offers/{offer}/withdrawal"
    assert refused(town.people["own_lead"].client.post(at), 404, "OFFER_NOT_FOUND")
    assert len(town.people["lead"].client.post(at).json()["filters"]) == 1
    assert refused(town.people["lead"].client.post(at), 404, "OFFER_NOT_FOUND")
    with town.city.app.state.sessions() as session:
        for statement in ("DELETE FROM filter_offer", "UPDATE filter_offer SET field = 'x'", "DELETE FROM use_cap"):
            with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
                session.execute(text(statement))


def test_caps_are_what_the_catalogue_publishes(town: Town, entry: str) -> None:
    silent = town.publish("没有写明条件的目录", conditional_sharing(share_type="unconditional", conditions=""))
    caps = {"most_often": "weekly", "most_days": 90}
    office, lead = town.people["approver"].client, town.people["lead"].client
    assert refused(office.post("/api/v1/offers/caps", json={"resource": silent} | caps), 409, "CAP_UNPUBLISHED")
    assert refused(lead.post("/api/v1/offers/caps", json={"resource": entry} | caps), 403, "FORBIDDEN")
    assert office.post("/api/v1/offers/caps", json={"resource": entry} | caps).status_code == 201
    soon, late = ((TODAY + timedelta(days=days)).isoformat() for days in (90, 91))
    assert refused(_ask(town, entry, frequency="daily", valid_until=soon), 409, "CAP_EXCEEDED")
    assert refused(_ask(town, entry, frequency="weekly", valid_until=late), 409, "CAP_EXCEEDED")
    assert _ask(town, entry, frequency="weekly", valid_until=soon).status_code == 201
    assert office.post("/api/v1/offers/caps", json={"resource": entry}).status_code == 201  # lifted
    assert _ask(town, entry, frequency="daily", valid_until=late).status_code == 201


def test_a_cap_on_rows_and_calls_stands_in_the_grant(town: Town) -> None:
    entry = town.publish("有行数上限的目录", conditional_sharing())
    office = town.people["approver"].client
    before = granted(town, town.agreed(entry)["grant_id"])
    assert (before.most_rows, before.most_calls) == (None, None)
    assert "most_rows" not in before.model_dump()  # without a cap a grant has the bytes it always had
    for wrong in ({"most_rows": 0}, {"most_calls": -1}, {"most_rows": 10**13}, {"rows": 5}):
        answer = office.post("/api/v1/offers/caps", json={"resource": entry} | wrong)
        assert refused(answer, 422, "INPUT_MALFORMED"), wrong
    caps = {"most_rows": 5000, "most_calls": 100}
    view = office.post("/api/v1/offers/caps", json={"resource": entry} | caps).json()
    assert {name: view[name] for name in ("most_often", "most_days", *caps)} == {
        "most_often": "",
        "most_days": None,
    } | caps
    made = town.agreed(entry, items=["xm"])
    after = granted(town, made["grant_id"])
    assert (after.most_rows, after.most_calls) == (5000, 100)
    clerk = town.city.browser(town.people["clerk"].actor.username)
    assert "一批最多 5,000 行，超过的提供部门节点不发出" in clerk.get(f"/requests/{made['id']}").text
    form = clerk.get(f"/requests/new?resource={entry}").text
    assert "一批最多 5,000 行" in form
    assert "每天最多调用 100 次" in form


def test_rows_since_a_day(town: Town) -> None:
    mount = mount_of("deng_ji")
    dated = [each if each.field != "djrq" else each.model_copy(update={"sql_type": "date"}) for each in mount.columns]
    entry = town.publish(
        "按日期提供的登记信息", conditional_sharing(), mounts=(mount.model_copy(update={"columns": tuple(dated)}),)
    )
    since = {"template": "since", "field": "djrq", "since": "2026-03-01"}
    made = town.agreed(entry, row_filter=since)
    assert granted(town, made["grant_id"]).row_filter == SinceFilter(field="djrq", since=date(2026, 3, 1))
    clerk = town.city.browser(town.people["clerk"].actor.username)
    assert "“登记日期”在 2026-03-01 及以后的行" in clerk.get(f"/requests/{made['id']}").text
    assert refused(_ask(town, entry, row_filter=since | {"since": "2026-02-30"}), 422, "INPUT_MALFORMED")
    assert refused(_ask(town, entry, row_filter=since | {"field": "xm"}), 409, "FILTER_VALUE")
    lying = town.publish("日期存成文本的目录", conditional_sharing())
    assert refused(_ask(town, lying, row_filter=since), 409, "FILTER_VALUE")  # its column is no date, whatever is said
    earliest = {"field": "djrq", "template": "since"}
    for wrong in (["昨天"], ["2026-01-01", "2026-02-01"]):
        assert refused(_declare(town, entry, choices=wrong, **earliest), 409, "FILTER_VALUE")
    assert _declare(town, entry, choices=["2026-02-01"], **earliest).status_code == 201
    assert _ask(town, entry, row_filter=since).status_code == 201
    assert refused(_ask(town, entry, row_filter=since | {"since": "2026-01-31"}), 409, "FILTER_NOT_OFFERED")
    form = clerk.get(f"/requests/new?resource={entry}").text
    assert "2026-02-01 及以后的某天起" in form
    fields = town.asks(entry) | {"filter_offer": "since|djrq", "filter_values": " 2026-03-05 ", "statement": "1"}
    answer = clerk.send(f"/requests/new?resource={entry}", "/requests/new", **fields)
    assert answer.status_code == 303, answer.text


def test_on_pages(town: Town) -> None:
    entry = town.publish("按页面筛选的目录", conditional_sharing())
    lead = town.city.browser(town.people["lead"].actor.username)
    at = f"/offers?resource={entry}"
    assert at in lead.get(f"/resources/{entry}").text
    wrong = lead.send(at, "/offers", resource=entry, kind="equals|djrq", choices="前天\n2026-01-01")
    assert (wrong.status_code, "前天" in wrong.text) == (409, True)
    unchosen = lead.send(at, "/offers", resource=entry, choices="张三")
    assert (unchosen.status_code, "还没有选数据项和方式" in unchosen.text, "张三" in unchosen.text) == (422, True, True)
    assert lead.send(at, "/offers", resource=entry, kind="own|xzqhdm", choices="").status_code == 303
    assert "限申请部门所在地区" in lead.get(at).text
    clerk = town.city.browser(town.people["clerk"].actor.username)
    new = f"/requests/new?resource={entry}"
    form = clerk.get(new).text
    assert ("限本部门所在地区，前缀 3301" in form, 'name="filter_template"' in form) == (True, False)
    typed = {key: value for key, value in town.asks(entry).items() if key != "statement"} | {"statement": "yes"}
    sent = typed | {"filter_offer": "region|xzqhdm"}
    bad = clerk.send(new, "/requests/new", **sent, filter_values="34")
    assert (bad.status_code, "没有提供这样的筛选" in bad.text, "checked" in bad.text) == (409, True, True)
    made = clerk.send(new, "/requests/new", **sent, filter_values="330102")
    assert made.status_code == 303, made.text
    assert "以 330102 开头的行" in clerk.get(made.headers["location"]).text
    office = town.city.browser(town.people["approver"].actor.username)
    unread = office.send(at, "/offers/caps", resource=entry, most_often="weekly", most_days="x")
    assert (unread.status_code, "“使用时限最长”不是 1 到" in unread.text, 'value="x"' in unread.text) == (
        422,
        True,
        True,
    )
    assert office.send(at, "/offers/caps", resource=entry, most_often="weekly", most_days="").status_code == 303
    assert "最多每周一次" in clerk.get(new).text
    offers = town.people["lead"].client.get("/api/v1/offers", params={"resource": entry}).json()["filters"]
    assert lead.send(at, "/offers/withdrawal", offer_id="x").status_code == 404
    assert lead.send(at, "/offers/withdrawal", offer_id=offers[0]["id"]).status_code == 303
    assert 'name="filter_template"' in clerk.get(new).text


def test_on_the_command_line(town: Town, entry: str, run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = run("lead", "offer", "declare", entry, "djrq", "equals", "--choice", "2026-01-01", "--json")
    assert status == 0, err
    offer = json.loads(out)["filters"][-1]["id"]
    assert "2026-01-01" in run("clerk", "offer", "list", entry)[1]
    assert run("lead", "offer", "withdraw", offer)[0] == 0
    assert run("approver", "offer", "cap", entry, "--often", "weekly")[0] == 0
    assert "weekly" in run("approver", "offer", "cap", entry, "--often", "weekly", "--days", "30")[1]
    assert run("approver", "offer", "cap", entry)[0] == 0

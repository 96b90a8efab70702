"""Local limits on the command line: the sample set is tried as it is printed."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from directory.clock.today import shanghai_today

OFFICE = "11330100MB0000262E"
LATER, LATEST = ((shanghai_today() + timedelta(days=days)).isoformat() for days in (900, 1000))

Run = Callable[..., tuple[int, str, str]]


def test_the_sample_set_can_be_entered(
    run: Run, person: Callable[[str], Run], add_people: Callable[..., None], tmp_path: Path
) -> None:
    assert run("org", "add", OFFICE, "示例市数据局", "--prefix", "33001", "--office")[0] == 0
    add_people(OFFICE, zhuren=["office_approver"], guanli=["system_admin"])
    file = tmp_path / "rules.csv"
    file.write_text(run("rules", "sample")[1], "utf-8")
    assert person("guanli")("rules", "enter", file, "--from", LATER)[0] == 1
    status, out, err = person("zhuren")("rules", "enter", file, "--from", LATER, "--json")
    assert status == 0, err
    coming = {each["rule_id"]: [row["limit_days"] for row in each["coming"]] for each in json.loads(out)["rules"]}
    assert coming["PROVIDE"] == [10]
    assert coming["REPLY_UNCONDITIONAL"] == []

    file.write_text("rule_id,limit_days,extension_days,basis\nCORRECTION,9,0,甲\nPROVIDE,21,0,乙\n", "utf-8")
    status, _, err = person("zhuren")("rules", "enter", file, "--from", LATEST)
    assert (status, "RULE_LONGER" in err) == (1, True)
    listed = json.loads(run("rules", "list", "--json")[1])["rules"]
    assert [len(each["coming"]) for each in listed if each["rule_id"] == "CORRECTION"] == [1]  # all or nothing
    columns = "rule_id,limit_days,extension_days,basis"
    for odd in ("甲,乙\n1,2\n", f"{columns}\nPROVIDE,9,0,甲,乙\n", "kind\nPROVIDE\n", "rule_id\n,\n"):
        file.write_text(odd, "utf-8")
        assert "ARGUMENT_BAD" in person("zhuren")("rules", "enter", file, "--from", LATEST)[2], odd

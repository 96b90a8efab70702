"""Holiday notices on the command line: pasted from a file, tried before they are saved."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.directory.holidays.test_notice import NOTICE_2026

OFFICE = "11330100MB0000262E"

Run = Callable[..., tuple[int, str, str]]


def test_a_notice_is_tried_then_entered(
    run: Run, person: Callable[[str], Run], add_people: Callable[..., None], tmp_path: Path
) -> None:
    assert run("org", "add", OFFICE, "示例市数据局", "--prefix", "33001", "--office")[0] == 0
    add_people(OFFICE, guanli=["system_admin"], shenhe=["office_reviewer"])
    admin, file = person("guanli"), tmp_path / "notice.txt"
    file.write_text(NOTICE_2026 + "\n台风：8月3日放假，共1天。", "utf-8")
    asked = ("holidays", "enter", 2026, file, "--source", "国办发明电〔2025〕7 号")

    tried = json.loads(admin(*asked, "--dry-run", "--json")[1])
    assert (tried["is_saved"], tried["moved"]) == (False, [])
    assert "2026-08-03" not in run("holidays", "show", 2026)[1]

    status, out, _ = admin(*asked)
    assert (status, "已保存" in out) == (0, True)
    assert "台风 2026-08-03" in run("holidays", "show", 2026)[1]
    assert json.loads(run("holidays", "show", 2026, "--json")[1])["source"] == "国办发明电〔2025〕7 号"

    status, _, err = person("shenhe")(*asked)
    assert (status, "FORBIDDEN" in err) == (1, True)
    file.write_text("明年再说", "utf-8")
    status, _, err = admin(*asked)
    assert (status, "HOLIDAYS_INVALID" in err, "没有读出日期" in err) == (1, True, True)
    assert (run("holidays", "show", 2090)[0], "HOLIDAYS_UNKNOWN" in run("holidays", "show", 2090)[2]) == (1, True)

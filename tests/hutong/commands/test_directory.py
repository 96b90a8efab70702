"""The commands for people, departments, the catalogue and the log, as somebody types them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

OFFICE = "11330100MB0000262E"
CSV = "资源名称,来源部门,描述,更新频率,开放状态,分发格式\n公交线路信息,示例市交通局,线路,每年,无条件开放,csv\n"

Run = Callable[..., tuple[int, str, str]]


def test_departments(run: Run, tmp_path: Path) -> None:
    assert run("org", "add", OFFICE, "示例市数据局", "--prefix", "33001", "--office")[0] == 0
    code, _, err = run("org", "add", OFFICE, "示例市数据局")
    assert code == 1
    assert "ORGANISATION_EXISTS" in err
    assert "下一步" in err
    code, _, err = run("org", "add", "11330100MB0000262F", "错码局")
    assert (code, "校验码" in err) == (1, True)
    listed = json.loads(run("org", "list", "--json")[1])["organisations"]
    assert [each["name"] for each in listed if each["is_office"]] == ["示例市数据局"]
    file = tmp_path / "orgs.csv"
    file.write_text(
        f"code,name,short_name,prefix\n{OFFICE},示例市数据局,,\n11330100MB0000609L,示例市水利局,水利局,33002\n",
        "utf-8-sig",
    )
    done = {"changed": 0, "faults": [], "is_dry_run": False}
    assert json.loads(run("org", "import", file, "--json")[1]) == {"added": 1, "unchanged": 1, **done}
    assert json.loads(run("org", "import", file, "--json")[1]) == {"added": 0, "unchanged": 2, **done}


def test_people(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "zhang.password"
    code, out, _ = run(
        "user", "add", "zhang", "--org", OFFICE, "--name", "张三", "--role", "auditor", "--password-file", secret
    )
    assert code == 0
    password = secret.read_text().strip()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(password) >= 20
    assert password not in out
    again = run("user", "add", "li", "--org", OFFICE, "--password-file", secret)
    assert (again[0], "FILE_UNWRITABLE" in again[2]) == (1, True)
    users = json.loads(run("user", "list", "--json")[1])["users"]
    assert [(each["username"], list(each["roles"])) for each in users] == [("zhang", ["auditor"])]  # li was not kept


def test_catalogue(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "目录.csv"
    file.write_text(CSV, "utf-8")
    tried = json.loads(run("catalogue", "import", file, "--dry-run", "--json")[1])
    assert (tried["added"], tried["is_dry_run"]) == (1, True)
    done = json.loads(run("catalogue", "import", file, "--json", "--report", tmp_path / "report")[1])
    assert (done["added"], done["new_organisations"]) == (1, ["示例市交通局"])
    assert (tmp_path / "report.json").exists()
    assert (tmp_path / "report.xlsx").exists()
    assert json.loads(run("catalogue", "import", file, "--json")[1])["unchanged"] == 1
    found = json.loads(run("catalogue", "search", "公交", "--json")[1])
    assert [each["title"] for each in found["items"]] == ["公交线路信息"]
    shown = json.loads(run("catalogue", "show", found["items"][0]["id"], "--json")[1])
    assert shown["record"]["provider"]["name"] == "示例市交通局"
    assert json.loads(run("catalogue", "show", shown["record"]["code"], "--json")[1]) == shown
    assert json.loads(run("catalogue", "reindex", "--json")[1]) == {"indexed": 1}
    assert json.loads(run("catalogue", "keep-items", "--json")[1]) == {
        "kept": 0
    }  # a draft is nobody's to be matched with
    assert (
        json.loads(run("catalogue", "export", tmp_path / "xml", "--json")[1])["exported"] == 0
    )  # a draft stays inside
    for form in ("xlsx", "csv"):
        assert json.loads(run("catalogue", "export", tmp_path / form, "--format", form, "--json")[1])["exported"] == 0
    assert run("catalogue", "export", tmp_path / "x", "--format", "pdf")[2].count("FORMAT_NOT_OFFERED") == 1
    blank = tmp_path / "空白.xlsx"
    assert run("catalogue", "export", "--template", blank)[0] == 0
    tried = json.loads(run("catalogue", "import", blank, "--dry-run", "--json")[1])
    assert (tried["rows"], tried["added"]) == (0, 0)
    checked = run("catalogue", "validate", file)
    assert checked[0] == 0
    assert "缺少共享属性" in checked[1]


@pytest.mark.parametrize(
    ("name", "content", "code"), [("a.csv", b"", "FILE_EMPTY"), ("a.pdf", b"%PDF", "FORMAT_UNKNOWN")]
)
def test_unreadable_files(run: Run, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    for command in (["import"], ["import", "--dry-run"], ["validate"]):
        status, out, err = run("catalogue", *command, tmp_path / name)
        assert (status, out, code in err) == (1, "", True)
    assert "FILE_UNREADABLE" in run("catalogue", "import", tmp_path / "missing.csv")[2]


def test_audit(run: Run, tmp_path: Path) -> None:
    exported = json.loads(run("audit", "export", "--out", tmp_path / "evidence", "--json")[1])
    assert exported["entries"] > 3
    verified = json.loads(run("audit", "verify", tmp_path / "evidence", "--key", exported["fingerprint"], "--json")[1])
    assert (verified["verified"], verified["size"]) == (True, exported["entries"])
    assert re.fullmatch(r"[0-9a-f]{64}", verified["root"])
    live = json.loads(run("audit", "verify", "--live", "--json")[1])
    assert (live["verified"], live["root"]) == (True, verified["root"])
    lines = (tmp_path / "evidence" / "entries.jsonl").read_text().splitlines()
    (tmp_path / "evidence" / "entries.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    code, out, _ = run("audit", "verify", tmp_path / "evidence")
    assert (code, "不可信" in out) == (1, True)
    assert run("audit", "verify")[0] == 2

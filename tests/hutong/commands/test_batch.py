"""A sealed batch file looked at from the command line: its header names a grant, and no column."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.exchange.envelope.forge import LABEL, ROW, SIGNER, Batch, sha256

Run = Callable[..., tuple[int, str, str]]


def test_what_a_header_says(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "batch"
    file.write_bytes(Batch.of(ROW).bytes())
    status, out, _ = run("batch", "inspect", file)
    assert status == 0
    assert all(str(said) in out for said in (LABEL["route_id"], LABEL["grant_id"], LABEL["schema_digest"]))
    assert "名称" not in out
    said = json.loads(run("batch", "inspect", file, "--json")[1])
    assert said.keys() == {*LABEL, "recipients", "size_bytes"}
    file.write_bytes(Batch.of(ROW, columns=["编号", "名称"]).bytes())
    status, _, err = run("batch", "inspect", file)
    assert (status, "HEADER_BAD" in err) == (1, True)


def test_whether_its_signature_holds(run: Run, tmp_path: Path) -> None:
    file, data = tmp_path / "batch", Batch.of(ROW).bytes()
    file.write_bytes(data)
    key = SIGNER.public_key().public_bytes_raw().hex()
    status, out, _ = run("batch", "verify", file, "--key", key, "--json")
    assert (status, json.loads(out)["digest"]) == (0, sha256(data).hex())

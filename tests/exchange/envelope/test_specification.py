"""The specification in exchange/README.md: its example is exact, and a reader written from it agrees on everything."""

import ast
import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from tests.exchange.envelope import pure_sm2
from tests.exchange.envelope.forge import CONTENT_KEY, LABEL, READER, ROW, SIGNER, Batch, canonical, hmac256, sha256
from tests.exchange.envelope.pure_sm2 import sm3
from tests.exchange.envelope.sm_forge import SM_LABEL, SM_READER, SM_SIGNER, SmBatch, hmac_sm3, sm_key_id, sm_wrapped
from tests.exchange.envelope.vectors import FOLDER
from tests.independent import batch_reader

ROOT = Path(__file__).parents[3]
SECTION = (ROOT / "exchange/README.md").read_text("utf-8").split("## Sealed batch format 1\n")[1].split("\n## ")[0]
VECTORS = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def test_example_is_the_object_of_the_vector():
    text = re.search(r"bytes in hex; .*?```\n(.*?)```", SECTION, re.DOTALL)
    assert text is not None
    shown = bytes.fromhex("".join(line for line in text[1].splitlines() if not line.startswith(";")))
    vector = json.loads((FOLDER / "good-one-row.json").read_text("utf-8"))
    assert shown == base64.b64decode(vector["object"]) == Batch.of(ROW).bytes()
    assert f"{len(shown)} bytes in hex" in SECTION


def test_example_shows_label_and_trailer():
    blocks = re.findall(r"^```json\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    label, trailer = (block.replace("\n", "").encode() for block in blocks)
    assert label == canonical(LABEL)
    assert trailer == Batch.of(ROW).contents[-1]


def test_example_values_are_right():
    batch = Batch.of(ROW)
    rows_key = hmac256(CONTENT_KEY, b"hutong-batch-1 rows")
    right = {
        "label digest": sha256(canonical(LABEL)),
        "header digest": sha256(batch.header),
        "chunk key": hmac256(CONTENT_KEY, b"hutong-batch-1 chunks"),
        "rows key": rows_key,
        "chunk 0 content": batch.contents[0],
        "rows digest": hmac256(rows_key, ROW),
        "body digest": sha256(batch.body()),
        "signed bytes": batch.message(),
        "object digest": sha256(batch.bytes()),
    }
    assert shown_values("") == {name: value.hex() for name, value in right.items()}


def shown_values(prefix: str) -> dict[str, str]:
    """``name = hex`` of the section, where hex may go on in indented lines."""
    found = re.findall(r"^([a-z][a-z0-9 ]*?) += ([0-9a-f]+(?:\n +[0-9a-f]+)*)$", SECTION, re.MULTILINE)
    values = {name: "".join(value.split()) for name, value in found}
    return {name: value for name, value in values.items() if name.startswith("sm ") == (prefix == "sm ")}


def test_the_curve_is_the_standard_s():
    shown = dict(re.findall(r"^    ([a-zG]+) += ([0-9a-f]{64})$", SECTION, re.MULTILINE))
    right = {"p": pure_sm2.P, "b": pure_sm2.B, "n": pure_sm2.N, "xG": pure_sm2.G[0], "yG": pure_sm2.G[1]}
    assert {name: int(value, 16) for name, value in shown.items()} == right


def test_second_example_values_are_right():
    batch, rows_key = SmBatch.of(ROW), hmac_sm3(CONTENT_KEY, b"hutong-batch-1 rows")
    footer, message = batch.footer(), batch.message()
    right = {
        "sm signer": SM_SIGNER.public,
        "sm reader": SM_READER.public,
        "sm reader id": bytes.fromhex(sm_key_id(SM_READER)),
        "sm label digest": sm3(canonical(SM_LABEL)),
        "sm wrapped": sm_wrapped(SM_READER, SM_LABEL),
        "sm header digest": sm3(batch.header),
        "sm chunk key": hmac_sm3(CONTENT_KEY, b"hutong-batch-1 chunks")[:16],
        "sm rows key": rows_key,
        "sm sealed chunk 0": batch.sealed[0],
        "sm rows digest": hmac_sm3(rows_key, ROW),
        "sm body digest": sm3(batch.body()),
        "sm signed bytes": message,
        "sm e": pure_sm2.signed_digest(SM_SIGNER.public, message),
        "sm signer id": footer[4:20],
        "sm signature": footer[20:],
        "sm object digest": sha256(batch.bytes()),
    }
    assert shown_values("sm ") == {name: value.hex() for name, value in right.items()}
    vector = json.loads((FOLDER / "sm-good-one-row.json").read_text("utf-8"))
    assert base64.b64decode(vector["object"]) == batch.bytes()
    assert f"The object, {len(batch.bytes())} bytes, is the vector" in SECTION


def test_codes_and_limits_named_are_the_package_s():
    codes = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", SECTION)) - {"HMAC", "H"}
    assert codes <= set(ExchangeError.explanations)
    assert {vector["outcome"]["code"] for vector in VECTORS} - {""} <= codes
    assert f"17 to {LIMITS.chunk_sealed_bytes:,}" in SECTION
    assert f"at most {LIMITS.set_aside_digests:,}" in SECTION
    assert f"1 to {LIMITS.columns} different" in SECTION
    assert f"1 to {LIMITS.recipients} objects" in SECTION


def outcome(vector: dict[str, Any]) -> dict[str, Any]:
    keys = [bytes.fromhex(key) for key in vector["private_keys"]]
    sm2_keys = [(bytes.fromhex(key["private"]), bytes.fromhex(key["public"])) for key in vector["sm2_private_keys"]]
    data, signer = base64.b64decode(vector["object"]), bytes.fromhex(vector["signer"])
    try:
        plain, trailer = batch_reader.read(data, signer, keys, vector["minimum_suite"], sm2_keys)
    except batch_reader.Refused as refused:
        return {"code": refused.code, "at": refused.at}
    plain_sha256 = hashlib.sha256(plain).hexdigest()
    return {"code": "", "at": "", "plain_sha256": plain_sha256, "plain_bytes": trailer["plain_bytes"]}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_independent_reader_agrees(vector: dict[str, Any]):
    assert outcome(vector) == vector["outcome"]


def test_independent_reader_shares_no_code():
    tree = ast.parse(Path(batch_reader.__file__).read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    roots = {name.split(".")[0] for name in imported}
    assert roots - set(sys.stdlib_module_names) == {"cryptography", "gmssl_pyx", "zstandard"}


def test_independent_reader_runs_alone(tmp_path: Path):
    path = tmp_path / "batch"
    path.write_bytes(Batch.of(ROW).bytes())
    keys = ["--signer", SIGNER.public_key().public_bytes_raw().hex(), "--key", READER.private_bytes_raw().hex()]
    command = [sys.executable, "-I", batch_reader.__file__, path, *keys]
    assert subprocess.run(command, capture_output=True, check=True).stdout == ROW
    path.write_bytes(Batch.of(ROW).bytes()[:-1])
    refused = subprocess.run(command, capture_output=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr.startswith(b"TRUNCATED")

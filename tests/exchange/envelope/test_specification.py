"""exchange/docs/sealed-batch.md: its example is exact, and a reader written from it agrees on everything."""

import ast
import base64
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
from tests.exchange.envelope.forge import (
    COLUMNS,
    CONTENT_KEY,
    LABEL,
    NO_COLUMNS,
    ROW,
    Batch,
    canonical,
    hmac256,
    sha256,
)
from tests.exchange.envelope.pure_sm2 import sm3
from tests.exchange.envelope.sm_forge import SM_LABEL, SM_READER, SM_SIGNER, SmBatch, hmac_sm3, sm_key_id, sm_wrapped
from tests.exchange.envelope.vectors import FOLDER
from tests.independent import stranger_reader
from tests.independent.stranger_files import read_files, schema_digest

ROOT = Path(__file__).parents[3]
SECTION = (ROOT / "exchange/docs/sealed-batch.md").read_text("utf-8")
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
    columns, label, trailer = (block.replace("\n", "").encode() for block in blocks)
    assert columns == canonical(COLUMNS)
    assert label == canonical(LABEL)
    assert trailer == Batch.of(ROW).contents[-1]


def test_example_values_are_right():
    batch = Batch.of(ROW)
    rows_key = hmac256(CONTENT_KEY, b"hutong-batch-1 rows")
    right = {
        "schema digest": sha256(canonical(COLUMNS)),
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


def test_schema_digest_is_of_the_description_shown():
    assert schema_digest(**COLUMNS) == LABEL["schema_digest"]
    assert schema_digest([], []) == NO_COLUMNS
    assert NO_COLUMNS in SECTION


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
    assert f"1 to {LIMITS.recipients} objects" in SECTION


@pytest.mark.parametrize(("prefix", "name"), [("", "good-one-row"), ("sm ", "sm-good-one-row")])
def test_independent_reader_comes_to_the_values_shown(prefix: str, name: str):
    vector = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    keys = stranger_reader.keys_of_vector(vector)
    signer = bytes.fromhex(vector["signer"])
    batch = stranger_reader.verify(base64.b64decode(vector["object"]), signer, vector["minimum_suite"])
    chunk_key, rows_key = stranger_reader.keys_of(batch.suite, stranger_reader.unwrap(batch, keys))
    content, (plain, trailer) = stranger_reader.open_chunk(batch, chunk_key, 0), stranger_reader.open_batch(batch, keys)
    (recipient,), ((kind, private),) = batch.header["recipients"], keys
    reader = stranger_reader.public_of(kind, private)
    values = {
        "signer": signer,
        "reader": reader,
        "reader id": stranger_reader.key_id(kind, reader),
        "schema digest": bytes.fromhex(batch.header["schema_digest"]),
        "label digest": stranger_reader.label_digest(batch.suite, batch.header),
        "wrapped": base64.b64decode(recipient["wrapped"]),
        "header digest": batch.header_digest,
        "chunk key": chunk_key,
        "rows key": rows_key,
        "chunk 0 content": content,
        "sealed chunk 0": batch.chunks[0],
        "rows digest": bytes.fromhex(trailer["rows_digest"]),
        "body digest": batch.body_digest,
        "signed bytes": batch.signed,
        "e": stranger_reader.sm2_e(signer, batch.signed),
        "signer id": batch.signer,
        "signature": batch.signature,
        "object digest": batch.object_digest,
    }
    shown = shown_values(prefix)
    assert len(shown) >= 9
    assert shown == {prefix + name: value.hex() for name, value in values.items() if prefix + name in shown}
    assert plain == ROW


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_independent_reader_agrees(vector: dict[str, Any]):
    assert stranger_reader.outcome_of(vector) == vector["outcome"]


@pytest.mark.parametrize("name", ["good-files", "good-files-none", "sm-good-files"])
def test_files_are_as_the_specification_says(name: str):
    vector = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    data, signer = base64.b64decode(vector["object"]), bytes.fromhex(vector["signer"])
    plain, trailer = stranger_reader.read(data, signer, stranger_reader.keys_of_vector(vector))
    files, _folders = read_files(plain, trailer)
    assert (not files) == (name == "good-files-none")
    for wrong, code in ((plain[:3], "FILES_CONTENT_BAD"), (plain + b"x", "FILES_CONTENT_BAD")):
        with pytest.raises(stranger_reader.Refused) as refused:
            read_files(wrong, trailer)
        assert refused.value.code == code


def test_independent_reader_shares_no_code():
    tree = ast.parse(Path(stranger_reader.__file__).read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    roots = {name.split(".")[0] for name in imported}
    assert roots - set(sys.stdlib_module_names) == {"cryptography", "zstandard"}


def test_independent_reader_runs_alone(tmp_path: Path):
    for vector in VECTORS[:2]:
        (tmp_path / f"{vector['name']}.json").write_text(json.dumps(vector), "utf-8")
    command = [sys.executable, "-I", stranger_reader.__file__, tmp_path]
    agreed = subprocess.run(command, capture_output=True, check=True)
    assert agreed.stdout == b"2 agreed, 0 disagreed\n"
    wrong = VECTORS[0] | {"outcome": {"code": "", "at": ""}}
    (tmp_path / f"{wrong['name']}.json").write_text(json.dumps(wrong), "utf-8")
    disagreed = subprocess.run(command, capture_output=True, check=False)
    assert (disagreed.returncode, disagreed.stdout.splitlines()[-1]) == (1, b"1 agreed, 1 disagreed")

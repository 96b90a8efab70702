"""Plaintexts that are files have the stated outcome by the specification's stranger and by what unpacks them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import ExchangeError
from exchange.files.unpack import unpack
from tests.exchange.envelope.files_vectors import FILE, vectors
from tests.independent.stranger_files import read_files
from tests.independent.stranger_reader import Refused

VECTORS = json.loads(FILE.read_text("utf-8"))


def test_vectors_are_regenerated():
    assert list(vectors()) == VECTORS


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_both_agree(vector: dict[str, Any], tmp_path: Path):
    plain, code = base64.b64decode(vector["plain"]), ""
    try:
        read_files(plain, vector)
    except Refused as refused:
        code = refused.code
    assert code == vector["code"]
    code = ""
    try:
        index = unpack([plain], tmp_path, lambda _index, _data: None)
        if not len(index.files) == vector["rows"] == vector["target_rows"]:
            code = "ROW_COUNT"  # as exchange.files.stage does, which needs a database; tests/exchange/files has it
    except ExchangeError as error:
        code = error.code
    assert code == vector["code"]

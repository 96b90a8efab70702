"""One stage of the exchange in a process of its own, so that its memory can be told: seal, or open and load.

Prints one JSON object: seconds (connecting included, starting Python not), rows, plain_bytes, sealed_bytes, peak_bytes.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from benchmarks._exchange_table import COLUMNS
from exchange.envelope.header import Label
from exchange.envelope.open import Opened, verify
from exchange.envelope.seal import Sealer
from exchange.rows import copy_in, copy_out
from standards.crypto import DecryptionKey, SigningKey, digest_hex


def seal(connection: Any, table: str, batch: Path, signer: SigningKey, reader: DecryptionKey) -> dict[str, int]:
    """COPY the table out into a sealed file, on the disk when this returns."""
    label = Label(
        suite=1,
        route_id="benchmark",
        seq=1,
        previous_digest="",
        schema_digest=digest_hex(",".join(COLUMNS).encode()),
        grant_id="benchmark",
        content="pg_copy_binary",
        kind="full",
    )
    with batch.open("wb") as file:
        with Sealer(label, [reader.wrapping], signer, file.write) as sealer:
            query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
            copied = copy_out(connection, query, sealer.write_rows, is_binary=True)
            sealed = sealer.finish(copied.rows, digest_hex(b"no checks"), 0, (), target_rows=copied.rows)
        file.flush()
        os.fsync(file.fileno())
    connection.rollback()
    return {"rows": copied.rows, "plain_bytes": sealed.plain_bytes, "sealed_bytes": sealed.size_bytes}


def load(connection: Any, table: str, batch: Path, signer: SigningKey, reader: DecryptionKey) -> dict[str, int]:
    """Verify the sealed file, open it, COPY it into the table and commit."""
    with batch.open("rb") as file:
        verified = verify(file, signer.verifying)
        file.seek(0)
        opened = Opened(file, verified, {reader.wrapping.key_id: reader})
        copied = copy_in(connection, sql.Identifier(table), COLUMNS, opened, is_binary=True)
    connection.commit()
    return {"rows": copied.rows, "plain_bytes": copied.plain_bytes, "sealed_bytes": verified.size_bytes}


def peak_bytes() -> int:
    """The most memory that this process or one that it has started and that still runs has held (VmHWM; unlike
    ru_maxrss it does not start with the parent's).
    """
    mine = Path("/proc/self")
    started = (mine / "task" / str(os.getpid()) / "children").read_text().split()
    return max(map(_peak_bytes, [mine, *(Path("/proc") / pid for pid in started)]))


def _peak_bytes(process: Path) -> int:
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("stage", choices=["seal", "load"])
    parser.add_argument("table")
    parser.add_argument("folder", type=Path, help="holds the keys and the sealed file")
    given = parser.parse_args()
    dsn = sys.stdin.readline().strip()  # not an argument: those can be seen by everybody
    signer = SigningKey.from_pem((given.folder / "signer.pem").read_bytes())
    reader = DecryptionKey.from_pem((given.folder / "reader.pem").read_bytes())
    began = time.perf_counter()
    connection = psycopg2.connect(dsn)
    stage = seal if given.stage == "seal" else load
    result: dict[str, float] = {**stage(connection, given.table, given.folder / "batch", signer, reader)}
    connection.close()
    result |= {"seconds": time.perf_counter() - began, "peak_bytes": peak_bytes()}
    print(json.dumps(result))


if __name__ == "__main__":
    main()

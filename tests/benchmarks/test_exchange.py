"""The exchange's benchmark runs on a small table and tells what its bars are about."""

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks._exchange_bars import MEMORY_BAR_BYTES, Measured, findings
from benchmarks._exchange_cluster import Scratch
from benchmarks.exchange import run

runs = pytest.mark.skipif("HUTONG_BENCHMARKS" not in os.environ, reason="for make bar-faults (HUTONG_BENCHMARKS)")


@runs
def test_runs_on_a_small_table(tmp_path: Path):
    given = Namespace(rows=5_000, rounds=1, large=0, only_large=False, routes=3, no_peers=True)
    with Scratch.started(tmp_path) as scratch:
        results = run(scratch, given, lambda what: None)
    assert [(row.path, row.rows) for row in results.measured] == [
        ("psql pipe, text", 5_000),
        ("psql pipe, binary", 5_000),
        ("seal", 5_000),
        ("open and load", 5_000),
        ("seal", 500),
        ("open and load", 500),
        ("first load", 5_000),
        ("first load, suite 0x02", 5_000),
        ("first load, with both checks", 5_000),
        ("refresh, a tenth changed", 5_000),
        ("3 routes", 3_000),
    ]
    assert all(row.seconds > 0 and row.rows_per_second > 0 for row in results.measured)
    assert all(row.peak_bytes for row in results.measured if "pipe" not in row.path and "routes" not in row.path)
    assert "receive: apply" in results.stages["refresh, a tenth changed"]


@runs
def test_a_large_first_load_alone(tmp_path: Path):
    with Scratch.started(tmp_path) as scratch:
        results = run(scratch, Namespace(large=7_000, only_large=True), lambda what: None)
    assert [(row.path, row.rows) for row in results.measured] == [
        ("psql pipe, binary", 7_000),
        ("first load, 7,000 rows", 7_000),
    ]
    assert results.measured[1].times_binary_pipe
    assert min(results.peaks["first load, 7,000 rows"][end] for end in ("provider", "consumer")) > 0


def test_findings_name_what_misses_a_bar():
    good = Measured("seal", 2_000_000, 4.0, 500_000, 1.5, 1.1, MEMORY_BAR_BYTES // 4, 100)
    assert findings([good]) == []
    slow = replace(good, path="first load, 20,000,000 rows", rows=20_000_000, times_binary_pipe=0.4)
    assert findings([slow]) == ["first load, 20,000,000 rows: 0.40 of the binary pipe, bar 0.5"]
    assert findings([replace(good, times_text_pipe=1.49)]) == ["seal: 1.49 of the text pipe, bar 1.5"]
    assert findings([replace(good, peak_bytes=MEMORY_BAR_BYTES + 1)]) == ["seal, 2,000,000 rows: 256 MiB, bar 256"]
    smaller = replace(good, rows=200_000, times_text_pipe=None, peak_bytes=MEMORY_BAR_BYTES // 8)
    assert findings([good, smaller]) == ["seal: memory grows by 32 MiB with the rows"]


def test_findings_compare_whole_exchanges():
    first = Measured("first load", 2_000_000, 8.0, 250_000, None, 0.5)
    assert findings([first, Measured("20 routes", 20_000, 40.0, 500)]) == []
    assert findings([replace(first, times_binary_pipe=0.49)]) == ["first load: 0.49 of the binary pipe, bar 0.5"]
    checked = Measured("first load, with both checks", 2_000_000, 12.0, 1, None, 0.3)
    peers = [Measured("sling", 2_000_000, 17.0, 1), Measured("dlt, connectorx", 2_000_000, 1.0, 1, problem="failed")]
    assert findings([first, checked, *peers]) == ["first load, with both checks: 1.42 of sling, bar 1.5"]
    sm = Measured("first load, suite 0x02", 2_000_000, 12.1, 1)
    assert findings([first, sm]) == ["first load, suite 0x02: 1.51 times as long as first load, bar 1.5"]
    assert findings([Measured("200 routes", 200_000, 401.0, 1)]) == ["200 routes: 30 batches a minute, bar 30"]

"""The exchange's benchmark runs on a small table and tells what its bars are about."""

from dataclasses import replace

from sqlalchemy.engine import URL

from benchmarks.exchange import MEMORY_BAR_BYTES, Measured, findings, run


def test_runs_on_a_small_table(cluster_url: URL):
    measured = run(cluster_url.render_as_string(hide_password=False), rows=5_000, rounds=1)
    assert [(row.path, row.rows) for row in measured] == [
        ("psql pipe, text", 5_000),
        ("psql pipe, binary", 5_000),
        ("seal", 5_000),
        ("open and load", 5_000),
        ("seal", 500),
        ("open and load", 500),
    ]
    assert all(row.seconds > 0 and row.rows_per_second > 0 for row in measured)
    assert [row.peak_bytes is not None for row in measured] == [False, False, True, True, True, True]


def test_findings_name_what_misses_a_bar():
    good = Measured("seal", 2_000_000, 4.0, 500_000, 1.5, MEMORY_BAR_BYTES // 4, 100)
    assert findings([good]) == []
    assert findings([replace(good, times_text_pipe=0.99)]) == ["seal: 0.99 of the text pipe, bar 1.0"]
    assert findings([replace(good, peak_bytes=MEMORY_BAR_BYTES + 1)]) == ["seal: 256 MiB, bar 256"]
    smaller = replace(good, rows=200_000, times_text_pipe=None, peak_bytes=MEMORY_BAR_BYTES // 8)
    assert findings([good, smaller]) == ["seal: memory grows by 32 MiB with the rows"]

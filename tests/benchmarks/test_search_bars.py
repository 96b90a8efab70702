"""The search benchmark says of each bar whether it is met."""

from dataclasses import replace

from benchmarks._search_bars import MIB, Filled, Measured, bars

OURS = Measured("hutong", 100_000, 1, 0.003, 0.009, 250.0, {}, 400 * MIB)
FOUR = replace(OURS, clients=4, median=0.008, p99=0.029)
PEER = replace(OURS, side="pycsw", median=0.2)
FILLED = Filled(100_000, "x", 20.0, 10.0, 80 * MIB, 200, 1000)
SMALL = replace(FILLED, entries=10_000, copy_seconds=50.0)


def test_every_bar_that_applies_is_told_with_its_value() -> None:
    found = bars([SMALL, FILLED], [OURS, FOUR, PEER, replace(PEER, clients=4, median=0.3)])
    assert [str(each) for each in found if not each.is_met] == [
        "FAIL 100,000 entries: times the median of pycsw, 4 clients, 37.5, at least 50"
    ]
    assert [str(each) for each in found if each.is_met] == [
        "PASS 100,000 entries: one client's median in ms 3.0, at most 4",
        "PASS 100,000 entries: server in MiB after 1 clients 400.0, at most 700",
        "PASS 100,000 entries: four clients' p99 in ms 29.0, at most 30",
        "PASS 100,000 entries: server in MiB after 4 clients 400.0, at most 700",
        "PASS 100,000 entries: times the median of pycsw, 1 clients, 66.7, at least 50",
        "PASS 10,000 entries: index in MiB 80.0, at most 1,024",
        "PASS 100,000 entries: index in MiB 80.0, at most 1,024",
        "PASS 100,000 entries: a second into database and index 3,333.3, at least 3,000",
    ]


def test_a_million_entries_have_bars_of_their_own() -> None:
    whole = replace(FOUR, entries=1_000_000, p99=0.051, memory_bytes=701 * MIB)
    found = bars([replace(FILLED, entries=1_000_000, copy_seconds=500.0, index_bytes=1025 * MIB)], [whole])
    assert [each.is_met for each in found] == [False, False, False, False]

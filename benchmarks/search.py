"""Searching by HTTP against pycsw 3: 200 queries by class, one and four clients, answers checked by brute force first.

    hutong bench search
    python -m benchmarks.search [--entries N ...] [--seed N] [--peer-up-to N] [--no-peer] [--cluster URL] [--json]

Without ``--cluster`` (a superuser's address) it starts a PostgreSQL of its own. What is measured and how is in
benchmarks/README.md.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL, make_url

from benchmarks._search_bars import MIB, Filled, Measured, bars
from benchmarks._search_entries import Asked, checksum, entries, queries, titles
from benchmarks._search_ours import Ours, Served, memory_of, path_of
from benchmarks._search_peer import Peer, peer_path_of
from benchmarks._search_truth import Truth
from hutong.postgres import Cluster

WORKERS = 2
CLIENTS = (1, 4)
_OUR_PORT, _PEER_PORT = 9321, 9322
_ALL_IDS_UP_TO = 5_000  # of larger answers the count is compared, and of the largest one every id
_PAGE = 100


def run(url: URL, folder: Path, count: int, seed: int, *, with_peer: bool) -> tuple[Filled, list[Measured]]:
    """One size: fill, check every answer, ask; then the peer. Raises ``SystemExit`` when an answer is wrong."""
    asked = queries(count, seed)
    ours = Ours(url, folder / f"ours-{count}", f"search_{count}")
    loaded = ours.load(entries(count, seed), WORKERS)
    measured = []
    with ours.serving(_OUR_PORT, WORKERS) as served:
        answers, ids = check(served, asked, Truth(list(entries(count, seed))))
        paths = [(each.kind, path_of(each, after=_cursor(served, each))) for each in asked]
        for clients in CLIENTS:
            measured.append(_ask("hutong", served, paths, count, clients))
    if with_peer:
        peer = Peer(folder / f"peer-{count}", _PEER_PORT)
        peer.load(entries(count, seed))
        with peer.serving(WORKERS) as served:
            peer_paths = [(each.kind, peer_path_of(each)) for each in asked]
            for clients in CLIENTS:
                measured.append(_ask("pycsw", served, peer_paths, count, clients, rounds=1))
    made = checksum(entries(count, seed))
    return Filled(count, made, loaded.copy_seconds, loaded.index_seconds, loaded.index_bytes, answers, ids), measured


def check(served: Served, asked: Sequence[Asked], truth: Truth) -> tuple[int, int]:
    """Compare our answers with brute force: every count, every id where there are not too many, once where most are.

    Returns how many answers and ids were compared.
    """
    headers, compared, largest = served.headers(), 0, (0, asked[0])
    for each in asked:
        right = truth.hits(each)
        answer = _get(served, headers, path_of(each, size=_PAGE))
        if not right and answer["is_loosened"]:
            continue  # the words as typed are nowhere, and the answer says that it looked for their pieces
        if answer["total"] != len(right):
            raise SystemExit(f"{each}: {answer['total']} found, {len(right)} are right")
        largest = max(largest, (len(right), each), key=lambda pair: pair[0])
        if 0 < len(right) <= _ALL_IDS_UP_TO:
            compared += _compare(served, headers, each, right)
    if len(asked) > 1 and largest[0] > _ALL_IDS_UP_TO and largest[0] <= 100 * _ALL_IDS_UP_TO:
        compared += _compare(served, headers, largest[1], truth.hits(largest[1]))
    return len(asked), compared


def _compare(served: Served, headers: dict[str, str], asked: Asked, right: set[str]) -> int:
    found: list[str] = []
    for page in _pages(served, headers, asked):
        found += [item["id"] for item in page["items"]]
    if len(found) != len(set(found)) or set(found) != right:
        missed, extra = len(right - set(found)), len(set(found) - right)
        raise SystemExit(f"{asked}: {missed} missed, {extra} extra, {len(found) - len(set(found))} twice")
    return len(found)


def _pages(served: Served, headers: dict[str, str], asked: Asked) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = _get(served, headers, path_of(asked, size=_PAGE, after=after))
        yield page
        if not page["next"]:
            return
        after = page["next"]


def _cursor(served: Served, asked: Asked) -> str:
    """The cursor of a deep page, walked to before anything is timed."""
    if not asked.offset:
        return ""
    passed, after = 0, ""
    for page in _pages(served, served.headers(), asked):
        passed, after = passed + len(page["items"]), page["next"] or after
        if passed >= asked.offset:
            break
    return after


def _get(served: Served, headers: dict[str, str], path: str) -> dict[str, Any]:
    with urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{served.port}{path}", None, headers)
    ) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _ask(
    side: str, served: Served, paths: Sequence[tuple[str, str]], count: int, clients: int, rounds: int = 5
) -> Measured:
    headers = served.headers() if side == "hutong" else {}
    job = {"port": served.port, "headers": headers, "paths": paths, "clients": clients, "rounds": rounds}
    command = [sys.executable, "-m", "benchmarks._search_load"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    answer = json.loads(done.stdout)
    took: dict[str, list[float]] = answer["took"]
    every = [seconds for each in took.values() for seconds in each]
    print(
        f"{side}, {count} entries, {clients} clients: median {statistics.median(every) * 1e3:.2f} ms", file=sys.stderr
    )
    return Measured(
        side=side,
        entries=count,
        clients=clients,
        median=statistics.median(every),
        p99=_percentile(every, 0.99),
        per_second=len(every) / answer["seconds"],
        by_kind={kind: (statistics.median(each), _percentile(each, 0.99)) for kind, each in sorted(took.items())},
        memory_bytes=memory_of(served.pid),
    )


def _percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _show(filled: Sequence[Filled], measured: Sequence[Measured]) -> None:
    console = Console()
    table = Table("side", "entries", "clients", "median ms", "p99 ms", "answers/s", "MiB", "x pycsw")
    peers = {(each.entries, each.clients): each for each in measured if each.side == "pycsw"}
    for each in measured:
        peer = peers.get((each.entries, each.clients))
        ratio = "" if peer is None or each.side == "pycsw" else f"{peer.median / each.median:.0f}"
        numbers = (f"{each.median * 1e3:.2f}", f"{each.p99 * 1e3:.1f}", f"{each.per_second:.0f}")
        table.add_row(each.side, f"{each.entries:,}", str(each.clients), *numbers, str(each.memory_bytes // MIB), ratio)
    console.print(table)
    kinds = Table("class", "side", "entries", "clients", "median ms", "p99 ms")
    for each in measured:
        for kind, (median, p99) in each.by_kind.items():
            place = (kind, each.side, f"{each.entries:,}", str(each.clients))
            kinds.add_row(*place, f"{median * 1e3:.2f}", f"{p99 * 1e3:.1f}")
    console.print(kinds)
    for one in filled:
        console.print(
            f"{one.entries:,} entries ({one.checksum}): COPY {one.copy_seconds:.1f} s, index {one.index_seconds:.1f} s,"
            f" {one.per_second:,.0f} a second; index {one.index_bytes // MIB} MiB; {one.answers_checked} answers and"
            f" {one.ids_checked:,} ids equal brute force"
        )
    for bar in bars(filled, measured):
        console.print(str(bar))


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.search", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--peer-up-to", type=int, default=100_000, help="the peer is asked up to this size")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--cluster", default="", help="superuser's address of a running PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args()
    filled, measured = [], []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-bench-")))
        url = make_url(given.cluster) if given.cluster else None
        if url is None:
            url = make_url(stack.enter_context(Cluster(folder / "cluster").running()).superuser_url())
        for count in given.entries:
            with_peer = not given.no_peer and count <= given.peer_up_to
            one, sides = run(url, folder, count, given.seed, with_peer=with_peer)
            filled.append(one)
            measured += sides
    if given.json:
        sizes, sides = [asdict(each) for each in filled], [asdict(each) for each in measured]
        held = [asdict(each) | {"is_met": each.is_met} for each in bars(filled, measured)]
        print(json.dumps({"titles": titles()[1], "seed": given.seed, "sizes": sizes, "sides": sides, "bars": held}))
    else:
        print(f"seed {given.seed}, titles from {titles()[1]}")
        _show(filled, measured)


if __name__ == "__main__":
    main()

"""Ask a server the same queries from several clients, in a process of its own: ``python -m benchmarks._search_load``.

Reads ``{"port", "headers", "paths": [[kind, path], …], "clients", "rounds"}`` from standard input, writes
``{kind: [seconds, …]}``. The first round of every path is the server's first sight of it.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any


def main() -> None:
    """Ask everything and say how long each took."""
    job: dict[str, Any] = json.load(sys.stdin)
    took: dict[str, list[float]] = {}
    lock = threading.Lock()
    waiting = iter([pair for _ in range(job["rounds"]) for pair in job["paths"]])

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", job["port"], timeout=300)
        while True:
            with lock:
                pair = next(waiting, None)
            if pair is None:
                return
            kind, path = pair
            began = time.perf_counter()
            connection.request("GET", path, headers=job["headers"])
            answer = connection.getresponse()
            body = answer.read()
            seconds = time.perf_counter() - began
            if answer.status != 200:
                raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
            with lock:
                took.setdefault(kind, []).append(seconds)

    clients = [threading.Thread(target=ask) for _ in range(job["clients"])]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    json.dump({"took": took, "seconds": time.perf_counter() - began}, sys.stdout)


if __name__ == "__main__":
    main()

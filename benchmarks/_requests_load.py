"""Call a server from several clients, in a process of its own: ``python -m benchmarks._requests_load``.

Reads ``{"ports", "calls": [[kind, method, path, token, body], …], "clients", "seconds"}`` from standard input and
makes the calls in their order until they are over, or for so many seconds where these are given; the clients take the
ports in turn. Writes ``{"took": {kind: [seconds, …]}, "seconds", "done", "refused": {answer: count}}``. What a call
decides of many counts one by one.
"""

import http.client
import itertools
import json
import sys
import threading
import time
from collections import Counter
from typing import Any

_OK = 300


def main() -> None:
    """Make the calls and say how long each took."""
    job: dict[str, Any] = json.load(sys.stdin)
    took: dict[str, list[float]] = {}
    refused: Counter[str] = Counter()
    done: Counter[str] = Counter()
    lock, waiting = threading.Lock(), iter(job["calls"])
    began = time.perf_counter()

    def call(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        while True:
            with lock:
                each = next(waiting, None)
            if each is None or (job["seconds"] and time.perf_counter() - began > job["seconds"]):
                return
            kind, method, path, token, body = each
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if body is not None:
                headers["Content-Type"] = "application/json"
            at = time.perf_counter()
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            seconds = time.perf_counter() - at
            with lock:
                if answer.status >= _OK:
                    refused[f"{kind}: {answer.status} {text[:200].decode(errors='replace')}"] += 1
                    continue
                took.setdefault(kind, []).append(seconds)
                outcomes = json.loads(text)["requests"] if isinstance(body, dict) and "ids" in body else ()
                done[kind] += sum(outcome["is_done"] for outcome in outcomes) if outcomes else 1
                refused.update(f"{kind}: {outcome['detail']}" for outcome in outcomes if not outcome["is_done"])

    ports = itertools.islice(itertools.cycle(job["ports"]), job["clients"])
    clients = [threading.Thread(target=call, args=(port,)) for port in ports]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    said = {"took": took, "seconds": time.perf_counter() - began, "done": done.total(), "refused": refused}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()

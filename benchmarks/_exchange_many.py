"""Many small routes at once, every batch through ``step()``, both ends in this process."""

import time

from benchmarks._exchange_route import Street
from benchmarks._exchange_step import NoChecks
from exchange import plan, steps

ROWS = 1_000


def exchange_many(along: Street, count: int) -> float:
    """Seconds from planning ``count`` routes of 1,000 rows to the last batch closed at both ends."""
    along.fill("register", ROWS)
    routes = [along.route("register", mark=f"_{number}") for number in range(count)]
    checker = NoChecks()
    began = time.perf_counter()
    with along.town.node("gongan") as provider, along.town.node("renshe") as consumer:
        mine = {route.route_id for route in routes}
        due = [each for each in plan.plan(provider, provider.now(), force=True) if each.route_id in mine]
        for each in due:
            steps.drive(provider, each.route_id, each.seq, checker)
        for each in plan.arrivals(consumer):
            steps.drive(consumer, each.route_id, each.seq, checker)
        ended = [steps.drive(provider, each.route_id, each.seq, checker).state for each in due]
    seconds = time.perf_counter() - began
    if ended != ["closed"] * count:
        raise SystemExit(f"of {count} batches only {ended.count('closed')} were closed")
    return seconds

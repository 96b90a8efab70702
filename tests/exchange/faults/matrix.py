"""What the cases share: many rows made by the database itself, and one digest over all rows of an end."""

from tests.sim.town import Route, execute

BULK = (
    "INSERT INTO {table} (id_no, name, region, amount, changed_at)"
    " SELECT '99' || lpad(n::text, 15, '0') || 'X', left(md5(n::text), 18), '990001', n % 1000,"
    " timestamptz '2026-01-02T03:04:05Z' FROM generate_series(1, {count}) n"
)


def bulk(route: Route, count: int) -> None:
    """That many rows more, which compress badly."""
    route.town.run("gongan", BULK.format(table=route.source, count=count))


def row_digest(route: Route, name: str) -> str:
    """One digest over all granted values of the source (``gongan``) or the target (``renshe``), in no order."""
    granted = {
        "gongan": f"SELECT id_no, name, region, amount, changed_at FROM {route.source}",
        "renshe": f"SELECT gmsfhm, xm, xzqh, je, gxsj FROM shared.{route.grant.target_table}",
    }
    ((found,),) = route.town.run(
        name, f"SELECT md5(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '')) FROM ({granted[name]}) r"
    )
    return str(found)


def parts(route: Route, name: str) -> list[str]:
    """Unfinished files of a route on a node."""
    return [path.name for path in (route.town.homes[name] / "spool").glob(f"{route.route_id}-*.part")]


def overtake(route: Route, name: str, seq: int) -> None:
    """As if the worker that has the batch had hung for two hours: the next one may take it over."""
    execute(
        route.town.databases[name],
        "UPDATE batch SET leased_at = leased_at - interval '2 hours' WHERE route_id = %s AND seq = %s",
        (route.route_id, seq),
    )


def staged(route: Route) -> list[str]:
    """Staging tables of a route."""
    rows = route.town.run(
        "renshe",
        "SELECT tablename FROM pg_tables WHERE schemaname = 'hutong_stage' AND tablename LIKE %s",
        (f"s_{route.route_id.removeprefix('r-')}%",),
    )
    return [name for (name,) in rows]


def marks(route: Route) -> list[int]:
    """The sequences that the target says it has applied, in order."""
    rows = route.town.run(
        "renshe", "SELECT seq FROM hutong.applied_batch WHERE route_id = %s ORDER BY seq", (route.route_id,)
    )
    return [seq for (seq,) in rows]

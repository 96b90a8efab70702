"""A route of a folder or file between the town's two nodes."""

import os
import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from directory.clock.today import shanghai_today
from exchange.node import SETTINGS_FILE
from exchange.settings import NodeSettings
from metadata.access import Grant, GrantKind, route_id
from tests.sim.people import ITEMS
from tests.sim.town import Route, Town

ONLY_FILES = frozenset({"seal.indexed", "stage.unpacked", "apply.decided", "apply.shown"})
"""Failpoints that a batch of rows does not come by."""


class FolderRoute(Route):
    """The same moves; what is compared are trees of files."""

    @property
    def served(self) -> Path:
        """The mount at the provider."""
        return self.town.homes["gongan"] / "served" / self.grant.path

    @property
    def received(self) -> Path:
        """The visible name at the consumer."""
        return self.town.homes["renshe"] / "received" / self.grant.target_table

    @property
    def versions(self) -> list[str]:
        """What is below ``.hutong`` of this route."""
        return sorted(path.name for path in (self.received.parent / ".hutong").glob(f"{self.route_id}-*"))


def folder_route(town: Town, files: dict[str, bytes], *, kind: GrantKind = "folder") -> FolderRoute:
    """A new served folder (or a file, the first of ``files``) and its countersigned grant."""
    town.made += 1
    name = f"folder_{town.made}_{secrets.token_hex(3)}"
    provider = town.homes["gongan"]
    settings = NodeSettings.read(provider / SETTINGS_FILE)
    if not settings.served_folder:
        settings.model_copy(update={"served_folder": str(provider / "served")}).write(provider / SETTINGS_FILE)
    path = name if kind == "folder" else f"{name}/{next(iter(files))}"
    root = provider / "served" / name
    root.mkdir(parents=True)
    fill(root, files)
    identifier = f"11000/{name.upper().replace('_', '')}"
    grant = Grant(
        grant_id=f"g-{name}",
        route_id=route_id(identifier, "m1", "gongan", "renshe"),
        request_id="q-1",
        resource_identifier=identifier,
        resource_code="303021070100/000004",
        resource_title="办事材料扫描件",
        resource_version=1,
        mount_id="m1",
        kind=kind,
        path=path,
        items=ITEMS,
        provider=town.end("gongan"),
        consumer=town.end("renshe"),
        target_table=f"gongan_{name}",
        purpose="社保核验",
        basis="依法履职",
        valid_from=date(2025, 1, 1),
        valid_until=shanghai_today() + timedelta(days=365),
        provide_by_on=date(2027, 1, 1),
        issued_at=datetime.now(UTC),
    )
    route = FolderRoute(town, grant)
    town.directory.issue(grant)
    route.countersign()
    return route


def fill(root: Path, files: dict[str, bytes]) -> None:
    """Write files by path; an empty folder is a path that ends in ``/``."""
    for path, data in files.items():
        place = root / path
        (place if path.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            place.write_bytes(data)


def tree(root: Path) -> dict[bytes, tuple[bytes, int]]:
    """Every file's bytes and time by its path's bytes, and every folder, down from ``root`` or what it links to."""
    found: dict[bytes, tuple[bytes, int]] = {}
    real = os.fsencode(root.resolve())
    for folder, folders, names in os.walk(real):
        for name in names:
            place = os.path.join(folder, name)
            with open(place, "rb") as file:
                found[os.path.relpath(place, real)] = (file.read(), os.stat(place).st_mtime_ns)
        for name in folders:
            found[os.path.relpath(os.path.join(folder, name), real) + b"/"] = (b"", 0)
    return found

"""Every department's node and the relay: made with keys of their own, and enrolled with a token of the office's."""

from dataclasses import dataclass
from pathlib import Path

from directory.roles import Role
from exchange.keys.enrol import init, init_relay
from exchange.keys.keystore import KeyStore
from exchange.migrate import migrate
from exchange.node import Node
from exchange.settings import NodeSettings, RelaySettings
from hutong.demo.city import DEPARTMENTS, OFFICE, Department
from hutong.demo.people import People
from hutong.home import Home
from hutong.postgres import Cluster


@dataclass(frozen=True)
class Addresses:
    """Where directory and relay answer, and the fingerprint of the directory's key, told by word of mouth."""

    directory_url: str
    relay_url: str
    fingerprint: str


def enrol_everybody(home: Home, cluster: Cluster, people: People, addresses: Addresses) -> None:
    """Make what is missing; where a home stands already, its addresses and tables are brought up to date."""
    relay_home = home.path / "relay"
    if _readdress(relay_home / "relay.toml", RelaySettings, directory_url=addresses.directory_url):
        migrate(cluster.ensure_database("relay"), "relay")
    else:
        init_relay(
            relay_home,
            "relay",
            directory_url=addresses.directory_url,
            fingerprint=addresses.fingerprint,
            token=_token(people, OFFICE, "relay", "relay"),
            database_url=cluster.ensure_database("relay"),
        )
        _confirm(people, "relay", relay_home)
    for department in DEPARTMENTS:
        node_home = home.path / "nodes" / department.name
        changes = {"directory_url": addresses.directory_url, "relay_url": addresses.relay_url}
        if _readdress(node_home / "node.toml", NodeSettings, **changes):
            migrate(cluster.ensure_database(f"node_{department.name}"), "node")
            migrate(cluster.ensure_database(f"dept_{department.name}"), "target")
        else:
            init(
                node_home,
                department.name,
                directory_url=addresses.directory_url,
                fingerprint=addresses.fingerprint,
                token=_token(people, department, department.name, "node"),
                database_url=cluster.ensure_database(f"node_{department.name}"),
                department_url=cluster.ensure_database(f"dept_{department.name}"),
                relay_url=addresses.relay_url,
            )
            _confirm(people, department.name, node_home)


def open_nodes(home: Home) -> dict[str, Node]:
    """The departments' nodes by name; the caller closes them."""
    return {department.name: Node.open(home.path / "nodes" / department.name) for department in DEPARTMENTS}


def _token(people: People, department: Department, name: str, kind: str) -> str:
    answer = people.client(OFFICE, Role.SYSTEM_ADMIN).post(
        "/api/v1/enrolments", {"org_code": people.code(department), "name": name, "kind": kind}
    )
    return str(answer["token"])


def _confirm(people: People, name: str, home: Path) -> None:
    """The department reads out its fingerprint, the office types what it heard."""
    read_out = KeyStore.load(home / "keys", opens=False).identity.key_id  # the relay has no key that opens
    people.client(OFFICE, Role.SYSTEM_ADMIN).post(f"/api/v1/nodes/{name}/confirmation", {"fingerprint": read_out})


def _readdress(file: Path, kind: type[NodeSettings] | type[RelaySettings], **changes: str) -> bool:
    """Whether the settings stand already; then with these addresses."""
    if not file.exists():
        return False
    found = kind.read(file)
    changed = found.model_copy(update=changes)
    if changed != found:
        changed.write(file)
    return True

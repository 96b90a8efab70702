"""What stands before anybody signs in: databases, migrations, departments, accounts, source tables. Safe to repeat."""

from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.accounts.register import add_account
from directory.migrate import migrate
from directory.organisations.models import Organisation
from directory.organisations.register import add_organisation
from directory.settings import DirectorySettings
from hutong.demo.catalogue import Entry
from hutong.demo.city import DEPARTMENTS, EVERYBODY, Department
from hutong.demo.databases import connected
from hutong.demo.passwords import PasswordFile
from hutong.demo.people import organisation_code
from hutong.installation import DatabaseAddress
from hutong.postgres import Cluster

SEED = 20250801  # the day the regulation came into force


def directory_settings(home: Path, address: DatabaseAddress, public_url: str) -> DirectorySettings:
    """The demo's directory: this home, the embedded database, served at ``public_url``."""
    return DirectorySettings.model_validate(
        {
            "home": home,
            "database_url": address.url,
            "migration_url": address.owner_url,
            "public_url": public_url,
        }
    )


def settle(settings: DirectorySettings, passwords: PasswordFile) -> None:
    """Migrate, and make departments and accounts that are not there yet."""
    migrate(settings)
    engine = create_engine(settings.database_url, hide_parameters=True)
    try:
        for department in EVERYBODY:
            with Session(engine) as session, session.begin():
                _settle_department(session, department, passwords)
    finally:
        engine.dispose()


def _settle_department(session: Session, department: Department, passwords: PasswordFile) -> None:
    code = organisation_code(department)
    if session.get(Organisation, code) is None:
        add_organisation(
            session,
            code=code,
            name=department.title,
            short_name=department.short_title,
            prefix=department.prefix,
            is_office=department.is_office,
            by="demo",
        )
    for person in department.people:
        username = f"{department.name}.{person.suffix}"
        if session.scalar(select(Account.id).where(Account.username == username)) is None:
            add_account(
                session,
                username=username,
                display_name=person.display_name,
                org_code=code,
                password=passwords.of(username),
                roles=person.roles,
                by="demo",
            )


def fill_departments(cluster: Cluster, entries: tuple[Entry, ...]) -> dict[str, int]:
    """Make each department's database and its source tables; rows by ``department.table``."""
    for department in DEPARTMENTS:
        cluster.ensure_database(f"dept_{department.name}")
    counts = {}
    for entry in entries:
        database = f"dept_{entry.provider.name}"
        with connected(cluster.role_url(database, database)) as connection, connection.cursor() as cursor:
            counts[f"{entry.provider.name}.{entry.table.name}"] = entry.table.create(cursor, SEED)
    return counts

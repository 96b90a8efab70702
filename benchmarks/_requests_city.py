"""A city for the requests benchmark: departments with people, nodes and entries, each made by the verbs."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from directory.accounts.queries import actor_named
from directory.accounts.register import add_account
from directory.actors import Actor
from directory.nodes.confirm import confirm
from directory.nodes.enrol import create_token, enrol
from directory.organisations.register import add_organisation
from directory.resources.decide import move
from directory.resources.edit import assess
from directory.resources.register import register
from directory.roles import Role
from directory.settings import DirectorySettings
from directory.signing import open_key
from metadata.access import AccessRequest
from metadata.enrolment import Enrolment
from metadata.resource import Category, Format, Item, LegalBasis, Mount, MountColumn, Party, Resource, Sharing
from metadata.signed import Signed
from standards.check_digits import org_check_character, uscc_check_character
from standards.crypto import DecryptionKey, SigningKey, digest_hex
from standards.sm2 import Sm2DecryptionKey, Sm2SigningKey

PASSWORD = "benchmark-2026-密码"
DEPARTMENTS = 20
REASON = "涉及正在侦查的案件"
_ITEMS = (
    Item(name="公民身份号码", field="sfzhm", length=18, is_key=True, is_nullable=False, sensitivity=3),
    Item(name="姓名", field="xm", length=50, sensitivity=2),
    Item(name="行政区划代码", field="xzqhdm", length=6),
)
_DEPARTMENT_ROLES = {
    "clerk": (Role.REQUESTER,),
    "lead": (Role.SHARING_LEAD,),
    "editor": (Role.EDITOR,),
    "head": (Role.DEPARTMENT_HEAD,),
}
REVIEWERS, APPROVERS = 8, 3
_OFFICE_ROLES = {
    **{f"reviewer{number}": (Role.OFFICE_REVIEWER,) for number in range(1, REVIEWERS + 1)},
    **{f"approver{number}": (Role.OFFICE_APPROVER,) for number in range(1, APPROVERS + 1)},
    "administrator": (Role.SYSTEM_ADMIN,),
}


@dataclass(frozen=True)
class BenchCity:
    """Departments by number, people by name and number, one entry of each department.

    The entries of even departments are decided by the department alone, of odd ones by the office too.
    """

    settings: DirectorySettings
    sessions: sessionmaker[Session]
    departments: int = DEPARTMENTS
    orgs: list[str] = field(default_factory=list)
    people: dict[str, Actor] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)

    def build(self) -> None:
        """Everything, by the verbs."""
        with self.sessions.begin() as session:
            office = _code(0)
            add_organisation(session, code=office, name="示例市信息化办公室", prefix="33000", is_office=True)
            for name, roles in _OFFICE_ROLES.items():
                self._person(session, name, office, roles)
            for number in range(1, self.departments + 1):
                code = _code(number)
                add_organisation(session, code=code, name=f"示例市第{number}局", prefix=f"{33000 + number:05d}")
                self.orgs.append(code)
                for name, roles in _DEPARTMENT_ROLES.items():
                    self._person(session, f"{name}{number}", code, roles)
        key = open_key(self.settings.directory_key_path)
        for number, code in enumerate(self.orgs, 1):
            with self.sessions.begin() as session:
                self._node(session, key, f"node{number}", code)
            with self.sessions.begin() as session:
                self.entries.append(self._entry(session, number, code))

    def asked(self, entry: str, valid_until: date) -> AccessRequest:
        """A request for an entry, as a clerk would write it."""
        return AccessRequest(
            resource=entry,
            items=tuple(item.field for item in _ITEMS),
            basis="《社会保险法》第七十四条",
            scenario="养老保险待遇资格核验",
            scope="本部门待遇核发系统，不向第三方提供",
            valid_until=valid_until,
            statement=True,
        )

    def _person(self, session: Session, username: str, org_code: str, roles: tuple[Role, ...]) -> None:
        add_account(
            session, username=username, display_name=username, org_code=org_code, password=PASSWORD, roles=roles
        )
        actor = actor_named(session, username)
        if actor is None:
            raise SystemExit(f"{username} was not made")
        self.people[username] = actor

    def _node(self, session: Session, key: SigningKey, name: str, org_code: str) -> None:
        administrator, now = self.people["administrator"], datetime.now(UTC)
        token = create_token(session, administrator, org_code=org_code, name=name, kind="node", now=now)
        identity = SigningKey.generate()
        asked = Enrolment(
            name=name,
            kind="node",
            identity_public=identity.verifying.public.hex(),
            decryption_public=DecryptionKey.generate().wrapping.public.hex(),
            sm2_identity_public=Sm2SigningKey.generate().public.hex(),
            sm2_decryption_public=Sm2DecryptionKey.generate().public.hex(),
            token_digest=digest_hex(token.encode()),
        )
        enrol(session, key, token, Signed.sign("enrolment/1", asked, identity), now)
        confirm(session, administrator, name, identity.key_id, now)

    def _entry(self, session: Session, number: int, org_code: str) -> str:
        now = datetime.now(UTC) - timedelta(days=90)
        columns = tuple(MountColumn(field=item.field, column=item.field, sql_type="text") for item in _ITEMS)
        resource = Resource(
            title=f"第{number}局业务办理信息",
            abstract="用于基准测试。",
            provider=Party(name=f"示例市第{number}局", code=org_code),
            keywords=("业务",),
            categories=(Category(name="公安"),),
            formats=(Format(category="数据库", types=("postgresql",)),),
            items=_ITEMS,
            sharing=Sharing(
                share_type="conditional",
                conditions="履行法定职责",
                scope="市级部门",
                purposes=("待遇核验",),
                method_types=("batch",),
                legal_basis=(LegalBasis(title="政务数据共享条例", article="第十五条"),),
                refusal_reasons=(REASON,),
                needs_office_approval=bool(number % 2),
            ),
            data_grade="3级",
            update_cycle="daily",
            mounts=(Mount(mount_id=f"m-{number}", node=f"node{number}", table=f"t{number}", columns=columns),),
        )
        editor = self.people[f"editor{number}"]
        ref = str(register(session, editor, resource, self.settings.classes, now).entry.id)
        for kind in ("secrecy", "personal_information"):
            on = now.date()
            assess(session, editor, ref, kind=kind, conclusion="可控", assessed_on=on, is_passed=True, now=now)
        for who, to in (
            (f"head{number}", "head_approved"),
            (f"editor{number}", "submitted"),
            ("reviewer1", "reviewed"),
            ("approver1", "published"),
        ):
            move(session, self.people[who], ref, to, "", now)
        return ref


def _code(number: int) -> str:
    inner = f"MB{number:06d}"
    body = "11330100" + inner + org_check_character(inner)
    return body + uscc_check_character(body)

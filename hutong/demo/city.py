"""Who lives in the demo city: the information office, seven departments, their people. Region 99 is nobody's."""

from dataclasses import dataclass

from directory.roles import Role

CITY_REGION = "990100"
DISTRICTS = {
    "990101": "东院区",
    "990102": "西院区",
    "990103": "钟楼区",
    "990104": "河沿区",
    "990105": "槐树区",
    "990106": "北新区",
}


@dataclass(frozen=True)
class Person:
    """An account to be made: its username is ``<department>.<suffix>``, and its roles are the fewest it can do with."""

    suffix: str
    display_name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Department:
    """One department: ``name`` names its node and databases, ``prefix`` is its 前段码, ``body`` its 主体标识码."""

    name: str
    title: str
    short_title: str
    prefix: str
    body: str
    people: tuple[Person, ...]
    is_office: bool = False

    def username(self, role: Role) -> str:
        """The account that holds a role here."""
        return next(f"{self.name}.{person.suffix}" for person in self.people if role in person.roles)


_STAFF = (
    Person("bianmu", "编目员", (Role.EDITOR,)),
    Person("fuze", "部门负责人", (Role.DEPARTMENT_HEAD,)),
    Person("gongxiang", "共享工作机构负责人", (Role.SHARING_LEAD,)),
    Person("jingban", "经办人", (Role.REQUESTER,)),
    Person("yunwei", "运维", (Role.OPERATOR,)),
)

OFFICE = Department(
    "xinxiban",
    "示例市数据管理局",
    "数据管理局",
    "99000",
    "MB000001",
    (
        Person("shenhe", "审核员", (Role.OFFICE_REVIEWER,)),
        Person("juzhang", "局负责人", (Role.OFFICE_APPROVER,)),
        Person("xitong", "系统管理员", (Role.SYSTEM_ADMIN,)),
        Person("anquan", "安全管理员", (Role.SECURITY_ADMIN,)),
        Person("shenji", "审计员", (Role.AUDITOR,)),
        Person("yunwei", "运维", (Role.OPERATOR,)),
    ),
    is_office=True,
)

GONGAN = Department("gongan", "示例市公安局", "公安局", "99001", "MB000002", _STAFF)
SHICHANG = Department("shichang", "示例市市场监督管理局", "市场监管局", "99002", "MB000003", _STAFF)
ZIRAN = Department("ziran", "示例市自然资源和规划局", "自然资源局", "99003", "MB000004", _STAFF)
TONGJI = Department("tongji", "示例市统计局", "统计局", "99004", "MB000005", _STAFF)
RENSHE = Department("renshe", "示例市人力资源和社会保障局", "人社局", "99005", "MB000006", _STAFF)
SHUIWU = Department("shuiwu", "示例市税务局", "税务局", "99006", "MB000007", _STAFF)
ZHUJIAN = Department("zhujian", "示例市住房和城乡建设局", "住建局", "99007", "MB000008", _STAFF)

DEPARTMENTS = (GONGAN, SHICHANG, ZIRAN, TONGJI, RENSHE, SHUIWU, ZHUJIAN)
EVERYBODY = (OFFICE, *DEPARTMENTS)

"""What an entry lacks for publication, by Articles 13–15, the 2017 guide and the mandatory part of GB/T 21063.3.

One function for each subject; each returns findings with the path in the record, the sentence a cataloguer reads and
the clause. An error stops publication, a warning does not. Whether what is there is consistent is ``metadata.checks``.
"""

from collections.abc import Iterator

from metadata.checks import check
from metadata.library_rules import lacks_library
from metadata.record import canonical_bytes
from metadata.resource import UNTITLED, Assessment, Resource
from standards.crypto import digest_hex
from standards.findings import Finding, Severity

__all__ = ["assessment_subject_digest", "check", "lacks"]

_NAMED = 3
_STRUCTURED = frozenset({"电子表格", "数据库"})
_ASSESSMENTS = {"secrecy": "保密风险评估", "personal_information": "个人信息保护影响评估"}
_CORE = "GB/T 21063.3 核心元数据（必选）"
_CORE_OPTIONAL = "GB/T 21063.3 核心元数据（可选）"
_GUIDE = "发改高技〔2017〕1272号 目录要素"
_PROJECT_RULE = "本系统目录完整性建议"
_ART_3, _ART_13, _ART_14, _ART_15 = (f"政务数据共享条例第{number}条" for number in ("三", "十三", "十四", "十五"))


def lacks(resource: Resource) -> list[Finding]:
    """Everything that publication still needs, in the order of the form; no finding of severity error means ready.

    Approvals are not in the record and are the directory's to check.
    """
    return [
        *_lacks_description(resource),
        *_lacks_content(resource),
        *_lacks_sharing(resource),
        *_lacks_grading(resource),
        *_lacks_assessments(resource),
        *_lacks_mounts(resource),
        *lacks_library(resource),
    ]


def assessment_subject_digest(resource: Resource) -> str:
    """SHA-256 (hex) of what both assessments are about: items and sharing. When either changes they are void."""
    content = resource.model_dump(mode="json", include={"items", "sharing"})
    return digest_hex(canonical_bytes(content))


def _missing(path: str, zh: str, en: str, clause: str, severity: Severity = "error") -> Finding:
    rule = f"lacks.{path.partition('[')[0]}"
    return Finding(path=path, rule=rule, severity=severity, zh=zh, en=en, clause=clause)


def _lacks_description(resource: Resource) -> Iterator[Finding]:
    if resource.title.strip() in {"", UNTITLED}:
        yield _missing("title", "缺少目录名称", "the title is missing", _ART_13)
    if not resource.identifier:
        yield _missing("identifier", "缺少信息资源标识符，登记时由系统赋予", "the identifier is missing", _CORE)
    if not resource.code:
        yield _missing("code", "缺少信息资源代码，选定类项目细目后由系统赋予", "the resource code is missing", _GUIDE)
    if not resource.metadata_id:
        yield _missing("metadata_id", "缺少元数据标识符，登记时由系统赋予", "the metadata identifier is missing", _CORE)
    if not resource.abstract.strip():
        yield _missing("abstract", "缺少信息资源摘要", "the abstract is missing", _CORE)
    if not resource.provider.name.strip():
        yield _missing("provider.name", "缺少提供单位", "the provider is missing", _ART_13)
    if not resource.provider.code:
        yield _missing("provider.code", "缺少提供单位的统一社会信用代码", "the provider's code is missing", _GUIDE)
    if not resource.categories:
        yield _missing("categories", "缺少信息资源分类，至少选一个主题", "no category is given", _CORE)
    if not resource.keywords:
        yield _missing(
            "keywords", "建议填写关键字，便于检索", "keywords would help searching", _CORE_OPTIONAL, "warning"
        )


def _lacks_content(resource: Resource) -> Iterator[Finding]:
    if not any(each.category or each.types or each.other for each in resource.formats):
        yield _missing("formats", "缺少数据格式", "the data format is missing", _ART_13)
    if _is_structured(resource) and not resource.items:
        yield _missing("items", "缺少数据项：电子表格和数据库类资源须逐项列出", "the data items are missing", _ART_13)
    if resource.update_cycle is None:
        yield _missing("update_cycle", "缺少更新频率", "the update cycle is missing", _ART_13)


def _is_structured(resource: Resource) -> bool:
    return any(each.category in _STRUCTURED for each in resource.formats) or any(
        mount.kind == "table" for mount in resource.mounts
    )


def _lacks_sharing(resource: Resource) -> Iterator[Finding]:
    sharing = resource.sharing
    if sharing.share_type is None:
        yield _missing(
            "sharing.share_type", "缺少共享属性：无条件、有条件或不予共享", "the share type is missing", _ART_14
        )
        return
    if sharing.share_type != "none" and not sharing.method_types:
        yield _missing("sharing.method_types", "缺少共享方式", "the sharing method is missing", _ART_13)
    if sharing.share_type == "unconditional" and not sharing.conditions.strip():
        zh, en = "建议写明使用条件，如工作参考、数据校核、业务协同", "the conditions of use should be stated"
        yield _missing("sharing.conditions", zh, en, _ART_13, "warning")
    if sharing.share_type == "conditional":
        if not sharing.scope.strip():
            zh = "缺少共享范围：有条件共享须列明"
            yield _missing("sharing.scope", zh, "conditional sharing needs its scope", _ART_15)
        if not any(purpose.strip() for purpose in sharing.purposes):
            zh = "缺少使用用途：有条件共享须列明"
            yield _missing("sharing.purposes", zh, "conditional sharing needs its purposes", _ART_15)
    if sharing.share_type == "none":
        if not sharing.legal_basis:
            zh = "缺少依据：不予共享须有法律、行政法规或国务院决定的明确规定"
            yield _missing("sharing.legal_basis", zh, "not sharing needs its legal basis", _ART_15)
        elif not any(basis.article.strip() for basis in sharing.legal_basis):
            zh, en = "不予共享的依据须写到条款", "the legal basis needs the article it stands in"
            yield _missing("sharing.legal_basis", zh, en, _ART_15)
        if not sharing.conditions.strip() and not sharing.refusal_reasons:
            zh = "缺少理由：不予共享须列明理由"
            yield _missing("sharing.refusal_reasons", zh, "not sharing needs its reason", _ART_15)


def _lacks_grading(resource: Resource) -> Iterator[Finding]:
    if not resource.data_grade.strip():
        yield _missing("data_grade", "缺少数据分类分级", "the data's class and grade are missing", _ART_13)
    elif not resource.data_class.strip():
        zh, en = "建议写明数据属于哪一类，分级只说了级别", "besides the grade, the data's class should be stated"
        yield _missing("data_class", zh, en, _ART_13, "warning")
    unclassed = [number for number, item in enumerate(resource.items) if not item.data_class.strip()]
    if unclassed:
        names = "、".join(resource.items[number].name for number in unclassed[:_NAMED])
        zh = f"{len(unclassed)} 个数据项没有分类（{names}{' 等' if len(unclassed) > _NAMED else ''}），建议逐项写明"
        en = f"{len(unclassed)} items have no class of their own"
        yield _missing(f"items[{unclassed[0]}].data_class", zh, en, _PROJECT_RULE, "warning")
    if resource.secrecy != "非涉密":
        zh = f"{resource.secrecy}不属于政务数据，不得编入目录"
        yield Finding(
            path="secrecy",
            rule="refused.secrecy",
            severity="error",
            zh=zh,
            en="secrets may not be listed",
            clause=_ART_3,
        )
    if resource.openness.is_open is None:
        zh, en = "建议写明是否向社会开放", "whether it is open to the public should be stated"
        yield _missing("openness.is_open", zh, en, _GUIDE, "warning")
    elif resource.openness.is_open and not resource.openness.conditions.strip():
        zh, en = "向社会开放的，应写明开放条件", "openness to the public should state its conditions"
        yield _missing("openness.conditions", zh, en, _GUIDE, "warning")


def _lacks_assessments(resource: Resource) -> Iterator[Finding]:
    digest = assessment_subject_digest(resource) if resource.assessments else ""
    for kind, name in _ASSESSMENTS.items():
        path = f"assessments.{kind}"
        made = [each for each in resource.assessments if each.kind == kind]
        valid = [each for each in made if each.subject_digest == digest]
        if not made:
            yield _missing(path, f"缺少{name}", f"the assessment {kind} is missing", _ART_13)
        elif not valid:
            zh = f"{name}已失效：评估之后数据项或共享属性有改动，须重新评估"
            yield _missing(path, zh, f"the assessment {kind} is void: items or sharing changed since", _ART_13)
        elif not _latest(valid).is_passed:
            yield _missing(path, f"{name}未通过", f"the assessment {kind} was not passed", _ART_13)


def _latest(assessments: list[Assessment]) -> Assessment:
    """The one made last; of one day, the one recorded last."""
    return max(enumerate(assessments), key=lambda pair: (pair[1].assessed_on, pair[0]))[1]


def _lacks_mounts(resource: Resource) -> Iterator[Finding]:
    if resource.sharing.share_type in {"unconditional", "conditional"} and not resource.mounts:
        zh, en = "尚未挂接库表、文件或接口，同意申请后无法提供", "nothing is mounted, so nothing can be provided"
        yield _missing("mounts", zh, en, "政务数据共享条例第二十二条", "warning")

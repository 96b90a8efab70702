"""From a table's profile to a proposed entry (反向编目): nothing is guessed silently, the unknown stays empty. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from metadata.item_guessing import ENOUGH, candidates, clean, guess_item, head
from metadata.profile import TableProfile
from metadata.proposal import Confidence, Guess, Proposal
from metadata.resource import Extent, Format, Item, Library, Mount, MountColumn, Party, Resource, UpdateCycle, Volumes
from metadata.sql_types import SPATIAL, sql_type
from standards.crypto import digest_hex

# A library is named when so many signs speak for it, and so many more than for any other.
_MIN_SIGNS, _MIN_LEAD = 4, 2
_CHECK_DIGITS_WEIGH, _KEY_WEIGHS, _GEOMETRY_WEIGHS = 3, 2, 4
_PERSONAL = 3
_MOUNT_ID_LENGTH = 64

_CYCLES: Final[tuple[tuple[str, UpdateCycle], ...]] = (
    (r"实时", "realtime"),
    (r"每[日天]|逐日|按日更新", "daily"),
    (r"每周|按周更新", "weekly"),
    (r"每月|逐月|按月更新", "monthly"),
    (r"每季度?|按季更新", "quarterly"),
    (r"每半年", "halfyear"),
    (r"每年|按年更新", "yearly"),
)
_SRID = re.compile(r"(?:geometry|geography)\([A-Za-z]+,([0-9]{4,6})\)")


@dataclass(frozen=True)
class _Sign:
    """One thing that speaks for a library."""

    library: Library
    weight: int
    zh: str
    en: str


def propose(profile: TableProfile, node_id: str, org_code: str) -> Proposal:
    """The proposal for one table. ``share_type`` is never filled, only suggested: a person decides it."""
    signs = list(_signs(profile))
    library = _library(signs)
    guessed = [guess_item(column, number, library) for number, column in enumerate(profile.columns)]
    items = tuple(each.item for each in guessed)
    title, guesses = _title(profile)
    guesses += _library_guesses(library, signs)
    guesses += [_share_type(items)]
    cycle, said = _cycle(profile.comment)
    guesses += said
    extent, said = _extent(profile)
    guesses += said
    volumes, said = _volumes(profile)
    guesses += said
    described = clean(profile.comment).strip()
    draft = Resource(
        title=title,
        abstract=described[:10_000] if described != title else "",
        provider=Party(name=org_code, code=org_code),
        library=library,
        formats=(Format(category="数据库", types=("postgresql",)),),
        items=items,
        update_cycle=cycle,
        extent=extent,
        volumes=volumes,
        mounts=(_mount(profile, node_id),),
    )
    return Proposal(
        node_id=node_id,
        org_code=org_code,
        schema_name=profile.schema_name,
        table=profile.table,
        kind=profile.kind,
        profile_digest=profile.digest,
        structure_digest=profile.structure_digest,
        row_count=profile.row_count,
        size_bytes=profile.size_bytes,
        problem=profile.problem,
        draft=draft,
        guesses=(*guesses, *(guess for each in guessed for guess in each.guesses)),
    )


def _guess(path: str, value: str, confidence: Confidence, zh: str, en: str, *, is_applied: bool | None = None) -> Guess:
    applied = confidence != "possible" if is_applied is None else is_applied
    return Guess(
        path=path, value=value[:500], confidence=confidence, is_applied=applied, reason_zh=zh[:500], reason_en=en[:500]
    )


def _title(profile: TableProfile) -> tuple[str, list[Guess]]:
    named = head(profile.comment)
    if named:
        return named, [_guess("title", named, "certain", "取自表注释", "from the table's comment")]
    name = clean(profile.table).strip() or "未命名"
    zh, en = "表没有注释，暂用表名，请改成资源名称", "the table has no comment; its own name for now"
    return name, [_guess("title", name, "possible", zh, en, is_applied=True)]


def _signs(profile: TableProfile) -> Iterator[_Sign]:
    """What speaks for a library: check digits, keys, geometry, and every standard item that a column's name is."""
    for column in profile.columns:
        shares = column.values.shares if column.values else None
        is_key = column.is_key or column.is_unique
        name = clean(column.name)
        for library, share, what in (
            ("population", shares.id_number if shares else 0, "公民身份号码"),
            ("legal_person", shares.uscc if shares else 0, "统一社会信用代码"),
        ):
            if share >= ENOUGH:
                zh, en = f"列“{name}”的值是{what}", f"the values of {name!r} pass the check of {library}'s number"
                yield _Sign(library, _CHECK_DIGITS_WEIGH + (_KEY_WEIGHS if is_key else 0), zh, en)
        if sql_type(column.sql_type).base in SPATIAL:
            yield _Sign("geospatial", _GEOMETRY_WEIGHS, f"列“{name}”是空间类型", f"{name!r} has a spatial type")
    known = Counter(
        library
        for column in profile.columns
        for library in {match.item.library for match in candidates(column) if match.how != "initials"}
    )
    for library, count in known.items():
        zh, en = f"{count} 列的名称是该库的数据项", f"{count} columns are named as items of it"
        yield _Sign(library, count, zh, en)


def _library(signs: list[_Sign]) -> Library | None:
    sums: Counter[str] = Counter()
    for sign in signs:
        sums[sign.library] += sign.weight
    first, second = [*sums.most_common(2), ("", 0), ("", 0)][:2]
    return first[0] if first[1] >= _MIN_SIGNS and first[1] - second[1] >= _MIN_LEAD else None


def _library_guesses(library: Library | None, signs: list[_Sign]) -> list[Guess]:
    for_it = [sign for sign in signs if sign.library == library]
    if not for_it:
        return []
    zh, en = "；".join(sign.zh for sign in for_it), "; ".join(sign.en for sign in for_it)
    return [_guess("library", library or "", "likely", zh, en)]


def _share_type(items: tuple[Item, ...]) -> Guess:
    personal = [item.name for item in items if item.sensitivity >= _PERSONAL]
    if personal:
        zh = f"含个人信息（{'、'.join(personal[:5])}{'等' if len(personal) > 5 else ''}），一般为有条件共享；须由人选定"
        en = f"{len(personal)} items are personal data, which are shared on conditions; a person decides"
        return _guess("sharing.share_type", "conditional", "likely", zh, en, is_applied=False)
    zh, en = "没有发现个人信息，一般为无条件共享；须由人选定", "no sign of personal data; a person decides"
    return _guess("sharing.share_type", "unconditional", "possible", zh, en, is_applied=False)


def _cycle(comment: str) -> tuple[UpdateCycle | None, list[Guess]]:
    for pattern, cycle in _CYCLES:
        found = re.search(pattern, comment)
        if found:
            zh, en = f"表注释中写有“{found[0]}”", "the table's comment says so"
            return cycle, [_guess("update_cycle", cycle, "likely", zh, en)]
    return None, []


def _extent(profile: TableProfile) -> tuple[Extent, list[Guess]]:
    for column in profile.columns:
        found = _SRID.search(column.sql_type)
        if found:
            crs, zh = f"EPSG:{found[1]}", f"列“{clean(column.name)}”声明的坐标系"
            return Extent(crs=crs), [_guess("extent.crs", crs, "certain", zh, "the column's type names it")]
    return Extent(), []


def _volumes(profile: TableProfile) -> tuple[Volumes, list[Guess]]:
    records = "" if profile.row_count is None else _decimal(Decimal(profile.row_count) / 10_000)
    stored = "" if profile.size_bytes is None else _decimal(Decimal(profile.size_bytes) / 1024**3)
    guesses = []
    if records:
        zh = f"数据库的估计：约 {profile.row_count} 行"
        guesses.append(_guess("volumes.stored_records", records, "likely", zh, "the database's own estimate of rows"))
    if stored:
        zh, en = "数据库报告的表大小", "the size that the database reports"
        guesses.append(_guess("volumes.stored_gb", stored, "likely", zh, en))
    return Volumes(stored_records=records, stored_gb=stored), guesses


def _decimal(number: Decimal) -> str:
    """At most six places, no exponent, no trailing zeros."""
    text = f"{number:.6f}"
    return text.rstrip("0").rstrip(".")


def _mount(profile: TableProfile, node_id: str) -> Mount:
    place = profile.table if profile.schema_name == "public" else f"{profile.schema_name}.{profile.table}"
    mount_id = f"{node_id}.{clean(place)}"
    if len(mount_id) > _MOUNT_ID_LENGTH:
        mount_id = f"{mount_id[: _MOUNT_ID_LENGTH - 9]}~{digest_hex(place.encode())[:8]}"
    return Mount(
        mount_id=mount_id,
        node=node_id,
        schema_name=profile.schema_name,
        table=profile.table,
        columns=tuple(MountColumn(field=c.name, column=c.name, sql_type=c.sql_type) for c in profile.columns),
    )

"""What the catalogue declares of a mount's columns against what is there. Pure."""

from collections.abc import Mapping, Sequence

from metadata.probe import MAX_MISMATCHES, Mismatch
from metadata.resource import Item, Mount
from metadata.sql_types import fits


def column_mismatches(mount: Mount, items: Sequence[Item], found: Mapping[str, str]) -> tuple[Mismatch, ...]:
    """Missing and changed columns before undeclared ones, at most ``MAX_MISMATCHES``. ``found`` is name -> type.

    The mount's columns say what must be there, word for word; a mount without columns is compared by its items, whose
    field names are the columns and whose letters must fit the type (an empty type: not known, fits).
    """
    if mount.columns:
        declared = {column.column: column.sql_type for column in mount.columns}
        wrong = [_compare(name, spelled, found) for name, spelled in declared.items()]
    else:
        declared = {item.field: item.type_code for item in items}
        wrong = [_compare_letter(item, found) for item in items]
    bad = [each for each in wrong if each is not None]
    extra = [
        Mismatch(kind="extra", column=name, found=spelled[:200])
        for name, spelled in found.items()
        if name not in declared
    ]
    return tuple([*bad, *(extra if declared else [])][:MAX_MISMATCHES])


def is_harmless(mismatches: Sequence[Mismatch]) -> bool:
    """Whether everything declared is there: what is only undeclared does no harm."""
    return all(each.kind == "extra" for each in mismatches)


def _compare(name: str, spelled: str, found: Mapping[str, str]) -> Mismatch | None:
    if name not in found:
        return Mismatch(kind="missing", column=name, declared=spelled)
    if found[name] not in {spelled, ""}:
        return Mismatch(kind="changed", column=name, declared=spelled, found=found[name][:200])
    return None


def _compare_letter(item: Item, found: Mapping[str, str]) -> Mismatch | None:
    if item.field not in found:
        return Mismatch(kind="missing", column=item.field, declared=item.type_code)
    spelled = found[item.field]
    if spelled and not fits(item.type_code, spelled):
        return Mismatch(kind="changed", column=item.field, declared=item.type_code, found=spelled[:200])
    return None

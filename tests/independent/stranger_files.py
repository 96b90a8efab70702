"""What the specification says to whoever applies a batch, of columns and of files; see `stranger_reader`."""

from hashlib import sha256

from tests.independent.stranger_reader import DIGEST, MIB, Refused, canonical, fits, number_of, parse

AMOUNT = 100_000
FILE = {"modified_ns": (-(2**63), 2**63 - 1), "path": ".+", "sha256": DIGEST, "size": (0, 2**63 - 1)}
INDEX = {"empty_folders": [".+", 0, AMOUNT], "files": [FILE, 0, AMOUNT]}


def schema_digest(columns, key):
    """What stands in the header of a grant's batches; columns are pairs of name and type."""
    return sha256(canonical({"columns": columns, "key": key})).hexdigest()


def is_path(path):
    parts = [part.encode() for part in path.split("/")]
    sound = all(part not in (b"", b".", b"..") and len(part) <= 255 and b"\0" not in part for part in parts)
    return sound and len(parts) <= 64 and len(path.encode()) <= 3000


def read_index(data):
    index = parse(data, "FILES_INDEX_BAD")
    if not fits(index, INDEX):
        raise Refused("FILES_INDEX_BAD")
    files, folders = [file["path"] for file in index["files"]], index["empty_folders"]
    names = files + folders
    above = {"/".join(parts[:depth]) for parts in (name.split("/") for name in names) for depth in range(1, len(parts))}
    once = len(set(names)) == len(names) <= AMOUNT and above.isdisjoint(names)
    in_order = all(paths == sorted(paths, key=str.encode) for paths in (files, folders))
    fits_disk = sum(file["size"] for file in index["files"]) <= 256 * 1024 * MIB
    if not (once and in_order and fits_disk and all(map(is_path, names))):
        raise Refused("FILES_INDEX_BAD")
    return index


def read_files(plain, trailer):
    """The files by their paths, and the empty folders."""
    length = number_of(plain[:4])
    if len(plain) < 4 or (length <= 32 * MIB and len(plain) < 4 + length):
        raise Refused("FILES_CONTENT_BAD")
    if length > 32 * MIB:
        raise Refused("FILES_INDEX_BAD")
    index, at, files = read_index(plain[4 : 4 + length]), 4 + length, {}
    for file in index["files"]:
        content = plain[at : at + file["size"]]
        at += file["size"]
        if sha256(content).hexdigest() != file["sha256"] or at > len(plain):
            raise Refused("FILES_CONTENT_BAD")
        files[file["path"]] = content
    if at != len(plain):
        raise Refused("FILES_CONTENT_BAD")
    if not trailer["rows"] == trailer["target_rows"] == len(files):
        raise Refused("ROW_COUNT")
    return files, index["empty_folders"]

"""``hutong audit``: verify the log, export the evidence."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from directory.audit.evidence import fingerprint_of, verify_evidence, write_evidence
from directory.audit.queries import checkpoints, log_bytes, queued_count, verify_live
from directory.audit.sequence import sequence
from directory.signing import open_key
from hutong.console import emit, say
from hutong.directory_access import Opened, open_directory
from hutong.misuse import Unfit
from metadata.transparency import log_origin

app = typer.Typer(help="审计日志。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def verify(
    folder: Annotated[Path | None, typer.Argument(metavar="文件夹", help="hutong audit export 写出的目录。")] = None,
    live: Annotated[bool, typer.Option("--live", help="核验数据库中现有的日志。")] = False,
    key: Annotated[str, typer.Option(help="日志公钥的指纹，应从别处得到；不给则只核验证据自身一致。")] = "",
    as_json: AsJson = False,
) -> None:
    """逐个检查点重新计算；有任何一条被改动、增删或换位，即不通过（退出码 1）。"""
    if live == (folder is not None):
        raise Unfit("给出一个文件夹，或用 --live", "a folder, or --live")
    queued = 0
    if folder is not None:
        verdict, fingerprint = verify_evidence(folder, key), fingerprint_of(folder)
    else:
        with open_directory() as opened, _snapshot(opened) as session:
            public = open_key(opened.settings.log_key_path).verifying
            verdict, fingerprint, queued = verify_live(session, public), public.key_id, queued_count(session)
    if as_json:
        emit(
            {
                "verified": verdict.is_verified,
                "size": verdict.size,
                "root": verdict.root,
                "problem": verdict.problem,
                "fingerprint": fingerprint,
                "queued": queued,
            }
        )
    elif verdict.is_verified:
        say(f"审计日志完整：{verdict.size} 条，根 {verdict.root}，公钥指纹 {fingerprint}")
        if queued:
            say(f"另有 {queued} 条已记录，等目录服务编入日志。")
    else:
        say(f"审计日志不可信：{verdict.problem}。此前 {verdict.size} 条已核验。")
    if not verdict.is_verified:
        raise typer.Exit(1)


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="写入的目录。")],
    as_json: AsJson = False,
) -> None:
    """导出证据：全部记录、检查点和日志公钥，离线可核验。"""
    with open_directory() as opened:
        key = open_key(opened.settings.log_key_path)
        public = key.verifying
        with opened.sessions.begin() as session:  # what was recorded while no directory ran is taken up first
            sequence(session, key, log_origin(public), datetime.now(UTC))
        with _snapshot(opened) as session:
            count = write_evidence(out, log_bytes(session), checkpoints(session), public)
    if as_json:
        emit({"entries": count, "folder": out, "fingerprint": public.key_id})
    else:
        say(f"已导出 {count} 条到 {out}，日志公钥指纹 {public.key_id}")


def _snapshot(opened: Opened) -> Session:
    """A session that sees one moment throughout, though the sequencer goes on."""
    session = opened.sessions()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
    return session

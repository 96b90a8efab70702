"""``hutong batch``: sealed batch files."""

from pathlib import Path
from typing import Annotated

import typer

from exchange.envelope import open as envelope
from exchange.errors import ExchangeError
from hutong.console import emit, say
from hutong.local_nodes import open_node
from hutong.node_choice import NodeName
from metadata.keys import AnyVerifyingKey
from standards.crypto import VerifyingKey

app = typer.Typer(help="封装批次文件。")

_KINDS = {"full": "全量", "increment": "增量（逐键比对）", "changes": "增量（变动登记）"}
AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
BatchFile = Annotated[
    Path, typer.Argument(metavar="文件", help="封装批次文件。", exists=True, dir_okay=False, readable=True)
]


@app.command()
def inspect(file: BatchFile, as_json: AsJson = False) -> None:
    """看批次头：写给谁、属于哪条路由。未经验证，不据此作决定。"""
    with file.open("rb") as stream:
        header = envelope.read_header(stream)
    if as_json:
        emit(header.model_dump(mode="json") | {"size_bytes": file.stat().st_size})
        return
    say(f"路由 {header.route_id}，第 {header.seq} 批，授权 {header.grant_id}")
    content = "文件" if header.content == "files" else header.content
    say(f"套件 0x{header.suite:02x}，{_KINDS[header.kind]}，内容 {content}，{file.stat().st_size} 字节")
    say(f"列名只在授权里；授权所列各列的摘要：{header.schema_digest}")
    say(f"前一批：{header.previous_digest or '（首批）'}")
    say(f"收件密钥：{'、'.join(recipient.key_id for recipient in header.recipients)}")


@app.command()
def verify(
    file: BatchFile,
    key: Annotated[str, typer.Option(help="签名公钥（十六进制）；缺省由节点按授权查出。")] = "",
    node: NodeName = "",
    as_json: AsJson = False,
) -> None:
    """验证签名与结构，不解密。"""
    signer = _given(key) if key else _known(file, node)
    with file.open("rb") as stream:
        verified = envelope.verify(stream, signer)
    if as_json:
        emit({"digest": verified.digest, "size_bytes": verified.size_bytes, "signer": verified.signer_key_id})
    else:
        say(f"签名成立：{verified.digest}（签名密钥 {verified.signer_key_id}）")


def _given(key: str) -> VerifyingKey:
    try:
        public = bytes.fromhex(key)
    except ValueError:
        public = b""
    if len(public) != 32:
        raise ExchangeError("KEY_BAD")
    return VerifyingKey(public)


def _known(file: Path, name: str) -> AnyVerifyingKey:
    """The identity key of the provider that the header's grant names, as this node trusts it."""
    with file.open("rb") as stream:
        grant_id = envelope.read_header(stream).grant_id
    with open_node(name) as node:
        trust = node.feed.load().at(node.now())
        if grant_id not in trust.grants:
            raise ExchangeError("GRANT_UNKNOWN", grant_id=grant_id)
        grant = trust.grants[grant_id].notice
        return trust.signer(grant, grant.minimum_suite)

"""How a command is told which node: ``--node`` everywhere, and the bare name where there is nothing else to name."""

from typing import Annotated

import typer

from hutong.misuse import Unfit

NodeName = Annotated[str, typer.Option("--node", help="节点名；本机只有一个节点时可省略。")]
EachNode = Annotated[str, typer.Option("--node", help="只管这一个节点；缺省为本机全部节点。")]
NodeArgument = Annotated[str, typer.Argument(metavar="节点", help="节点名，也可写作 --node 节点。", show_default=False)]


def chosen(name: str, node: str) -> str:
    """The node named either way; empty when neither is given."""
    if name and node and name != node:
        raise Unfit(f"写了两个节点：{name} 和 {node}", f"two nodes are named: {name} and {node}")
    return node or name

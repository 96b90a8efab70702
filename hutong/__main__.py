"""``hutong`` and ``python -m hutong``: the command line, which Ctrl-C ends in words while it is being loaded too."""

import sys
from importlib import import_module


def main() -> None:
    """Load the command line and run it."""
    try:
        cli = import_module("hutong.cli")  # half a second: frameworks, the database's driver
    except KeyboardInterrupt:
        print("已按 Ctrl-C 停止（stopped）：还没有开始办理。", file=sys.stderr)
        sys.exit(130)  # as ``cli`` does
    cli.main()


if __name__ == "__main__":
    main()

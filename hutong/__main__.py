"""``python -m hutong``: the same as the ``hutong`` command."""

from hutong.cli import main

if __name__ == "__main__":
    main()

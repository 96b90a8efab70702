"""The demo's generated passwords: one JSON file of mode 0600, kept so that a second run can sign in again."""

import json
import os
import secrets
from pathlib import Path


class PasswordFile:
    """Passwords by username. A new one is durable before it is handed out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._passwords: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}

    def of(self, username: str) -> str:
        """The password of an account, made at the first asking: 20 characters, about 119 bits."""
        if username not in self._passwords:
            self._passwords[username] = secrets.token_urlsafe(15)
            self._write()
        return self._passwords[username]

    def _write(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self._passwords, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

"""The directory over HTTP, one signed-in account at a time; the demo decides nothing in any other way."""

from typing import Any

import httpx

from hutong.errors import HutongError


class DirectoryClient:
    """A signed-in account. Raises ``HutongError DIRECTORY_REFUSED`` with the server's own words."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        answer = self.post("/api/v1/session", {"username": username, "password": password})
        self._http.headers["Authorization"] = f"Bearer {answer['token']}"
        self.org_code: str = self.get("/api/v1/me")["org_code"]

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> Any:
        return self._answer(self._http.get(path, params=query))

    def post(self, path: str, body: object) -> Any:
        return self._answer(self._http.post(path, json=body))

    def upload(self, path: str, name: str, content: bytes, fields: dict[str, str]) -> Any:
        return self._answer(self._http.post(path, files={"file": (name, content)}, data=fields))

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        if response.is_success:
            return response.json()
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        raise HutongError(
            "DIRECTORY_REFUSED",
            request=f"{response.request.method} {response.request.url.path}",
            status=response.status_code,
            refusal=problem.get("code", ""),
            detail=problem.get("detail", ""),
            detail_en=problem.get("detail_en", ""),
        )

"""Bodies that would take long to refuse: each unknown key of an object is an error of its own, told one by one."""

from fastapi import Request
from fastapi.routing import APIRoute

from directory.errors import DirectoryError
from directory.limits import LIMITS


async def refuse_overfull(request: Request) -> None:
    """Raise ``DirectoryError BODY_KEYS_MANY`` where an object in a JSON body has more keys than any of ours."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return
    if "json" not in request.headers.get("content-type", "").lower() or not await request.body():
        return
    waiting: list[object] = [
        await request.json()
    ]  # parsed once, before any dependency; what is no JSON never gets here
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if len(one) > LIMITS.body_key_count:
                raise DirectoryError("BODY_KEYS_MANY", count=len(one), limit=LIMITS.body_key_count)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(each for each in one if isinstance(each, dict | list))

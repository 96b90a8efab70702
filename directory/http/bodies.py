"""JSON bodies that are too full to check: each unknown key and each wrong member would be an error of its own."""

from fastapi import Request
from fastapi.routing import APIRoute

from directory.errors import DirectoryError
from directory.limits import LIMITS


async def refuse_overfull(request: Request) -> None:
    """Refuse a JSON body that is fuller than any of ours can be: listing all its faults would take seconds.

    Raises ``DirectoryError BODY_KEYS_MANY`` for one object, ``BODY_VALUES_MANY`` for all of them together.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return
    if "json" not in request.headers.get("content-type", "").lower() or not await request.body():
        return
    # FastAPI has parsed it already, before any dependency: what is no JSON never gets here.
    waiting: list[object] = [await request.json()]
    objects, values = 0, 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict) and len(one) > LIMITS.body_key_count:
            raise DirectoryError("BODY_KEYS_MANY", count=len(one), limit=LIMITS.body_key_count)
        if isinstance(one, dict | list):
            objects, values = objects + 1, values + len(one)
        if values > LIMITS.body_value_count:
            raise DirectoryError("BODY_VALUES_MANY", what="值", count=values, limit=LIMITS.body_value_count)
        if objects > LIMITS.body_object_count:
            raise DirectoryError("BODY_VALUES_MANY", what="对象", count=objects, limit=LIMITS.body_object_count)
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(each for each in one if isinstance(each, dict | list))

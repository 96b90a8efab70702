"""Pages of the exchange: the routes with their newest batches, and one batch with its history."""

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)

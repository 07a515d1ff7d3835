"""The application over fakes, and a client that talks to it without a socket; and with labels: `label_site`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fake_services import PUBLIC_URL, FakeWorld
from label_site import site

from api.app import create_app

__all__ = ["site"]


@pytest.fixture
def world() -> FakeWorld:
    """Fakes that a test may bend before it asks."""
    return FakeWorld()


@pytest.fixture
async def client(world: FakeWorld) -> AsyncIterator[httpx.AsyncClient]:
    """A browser-like client; its errors are responses, as in the service."""
    transport = httpx.ASGITransport(create_app(world.services), raise_app_exceptions=False)
    headers = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        yield client

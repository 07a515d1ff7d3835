"""A real Chromium, and the application over fakes on a port of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from chromium import FLAGS, chromium
from fake_services import FakeWorld
from playwright.sync_api import Browser, sync_playwright

from api.app import create_app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    One browser for a module; each test opens a context of its own. Not for the session: playwright keeps an event loop
    running in this thread while it lives, and tests of coroutines need one of their own.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world() -> FakeWorld:
    """Fakes that a test may bend; it sets what it needs before it looks."""
    return FakeWorld()


@pytest.fixture(scope="module")
def address(world: FakeWorld) -> Iterator[str]:
    """Where the application listens: loopback, any free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(world.services), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)

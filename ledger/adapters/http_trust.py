"""
Which certificates an HTTP client takes, by the address that it is for.

httpx reads every certificate of the usual authorities for each client that is made: 20 ms of processor time. Clients of
one process share them here, and one of a plain `http://` address (a node on this machine, a socket) reads none.
"""

from __future__ import annotations

import functools
import ssl

import httpx


def trust_for(url: str) -> ssl.SSLContext:
    """
    For a client that asks this address. That of an address without TLS trusts nobody: were the client sent to
    `https://` all the same, it would refuse whoever answers.
    """
    return authorities() if url.lower().startswith("https:") else _nobody()


@functools.cache
def authorities() -> ssl.SSLContext:
    """Those that httpx trusts by default, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


@functools.cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

"""
Messages from an MQTT 5 broker that are acknowledged by whoever takes them: `ports_gateway.Deliveries`, with paho-mqtt.

The session is persistent: a stable client id, no clean start, an expiry interval. So the broker keeps what comes while
nobody listens, and gives again what was not acknowledged.

The receive maximum bounds how much is here at once. Brokers exceed it (mosquitto 2.0.11 gives three messages for each
acknowledgement), so it is kept here as well: from the first message beyond it on, a connection's messages are dropped,
and when those before are acknowledged it is made anew. The broker then gives again what was dropped.

Each connection has a client of its own, never connected twice: packet identifiers have a meaning within a session, and
an acknowledgement that waited in a client over a reconnection might meet another message under its number. An
acknowledgement of a connection that is gone goes nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.domain.errors import MissingTool, UnusableSettings
from ledger.ports_gateway import Delivery, GatewayNotices

try:
    from paho.mqtt.client import Client, MQTTMessage, MQTTv5
    from paho.mqtt.enums import CallbackAPIVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode
    from paho.mqtt.subscribeoptions import SubscribeOptions
except ImportError as error:  # an extra, as few machines run a gateway
    raise MissingTool("A gateway needs the package paho-mqtt: pip install 'silkroot[gateway]'") from error

QOS = 1
_UNUSABLE = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x90, 0x9C, 0x9D})
"""Reason codes of a CONNACK (MQTT 5.0, section 3.2.2.2) that trying again does not change."""
_TAKEN_OVER = 0x8E
FAREWELL_SECONDS = 3.0
"""How long the broker is given to answer before a connection is closed."""
STEADY_SECONDS = 10.0
"""A connection that lasted so long is not held against the next one."""


@dataclass(frozen=True, slots=True)
class Broker:
    """
    Where and as whom to subscribe. `window`: messages that the broker gives without an acknowledgement. `expiry`:
    seconds that the broker keeps the session without a connection. `tls` where the way is encrypted.
    """

    host: str
    port: int
    client_id: str
    topic_filter: str
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    window: int = 1_000
    expiry: int = 30 * 24 * 3600
    keepalive: int = 30
    patience: float = 15.0
    first_pause: float = 0.5
    longest_pause: float = 30.0

    @property
    def address(self) -> str:
        """For people."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


class _Lost(Exception):
    """The connection did not come about, or is gone."""


class _Overrun(Exception):
    """The broker gave more than it may, and all before that is acknowledged."""


def tls_context(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """TLS that checks the broker's certificate and name: by `ca`, else by what the machine trusts."""
    try:
        context = ssl.create_default_context(cafile=None if ca is None else str(ca))
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise UnusableSettings(f"--ca, --cert, --cert-key: these files cannot be used: {error}") from error
    return context


class MqttDeliveries:
    """Use `open_deliveries`."""

    def __init__(self, broker: Broker, notices: GatewayNotices) -> None:
        self._broker, self._notices = broker, notices
        self._waiting: deque[Delivery] = deque()
        self._arrival = asyncio.Event()
        self._ended: UnusableSettings | None = None

    async def take(self, seconds: float) -> Delivery | None:
        """See `Deliveries.take`."""
        if not self._waiting:
            self._arrival.clear()
            if self._ended is None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._arrival.wait()
        if self._waiting:
            return self._waiting.popleft()
        if self._ended is not None:
            raise self._ended
        return None

    async def keep_connected(self) -> None:
        """Connects, again and again, until it is cancelled or the broker refuses for good."""
        pause, is_renewed = self._broker.first_pause, False
        while True:
            link, began = _Link(self._broker, self._arrived), self._time()
            try:
                kept = await link.open()
                if not is_renewed:
                    self._notices.connected(self._broker.address, session_kept=kept)
                began = self._time()
                await link.gone
            except _Overrun:
                is_renewed = True
                continue
            except UnusableSettings as error:
                self._ended = error
                self._arrival.set()
                return
            except _Lost as error:
                is_renewed = False
                if self._time() - began > STEADY_SECONDS:
                    pause = self._broker.first_pause
                self._notices.disconnected(str(error), pause)
            finally:
                await link.close()
                # The broker gives them again; here they would only take room.
                self._waiting = deque(one for one in self._waiting if one.is_live())
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._broker.longest_pause)

    @staticmethod
    def _time() -> float:
        return asyncio.get_running_loop().time()

    def _arrived(self, link: _Link, message: MQTTMessage) -> None:
        if message.qos == 0:
            # The receive maximum does not bound these, and nobody would give them again.
            if len(self._waiting) >= self._broker.window:
                self._notices.not_kept(_topic_of(message))
                return
            delivery = Delivery(_topic_of(message), bytes(message.payload), lambda: None, lambda: True)
        elif not link.takes_more():
            return
        else:
            packet = message.mid
            delivery = Delivery(
                _topic_of(message), bytes(message.payload), lambda: link.acknowledge(packet), lambda: link.is_live
            )
        self._waiting.append(delivery)
        self._arrival.set()


@asynccontextmanager
async def open_deliveries(broker: Broker, notices: GatewayNotices) -> AsyncIterator[MqttDeliveries]:
    """The subscription, kept up while the block runs."""
    deliveries = MqttDeliveries(broker, notices)
    keeping = asyncio.ensure_future(deliveries.keep_connected())
    try:
        yield deliveries
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


class _Link:
    """One connection. paho runs it in a thread; its callbacks hand everything over to the event loop."""

    def __init__(self, broker: Broker, arrived: Callable[[_Link, MQTTMessage], None]) -> None:
        self._broker, self._arrived_at = broker, arrived
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[bool] = self._loop.create_future()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._flushed: asyncio.Future[bool] = self._loop.create_future()
        self._session_kept, self._is_lost = False, False
        self._is_connected, self._answers = False, 0
        self._held, self._is_overrun = 0, False
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=broker.client_id, protocol=MQTTv5, manual_ack=True,
            reconnect_on_failure=False,
        )  # fmt: skip
        client.connect_timeout = broker.patience
        if broker.user:
            client.username_pw_set(broker.user, broker.password or None)
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message, client.on_disconnect = self._on_message, self._on_disconnect
        self._client = client

    @property
    def is_live(self) -> bool:
        """Whether the broker waits on this connection for acknowledgements of what it gave."""
        return not self.gone.done()

    def takes_more(self) -> bool:
        """Whether one more message may be held here; after the first that may not, none of this connection is."""
        self._is_overrun = self._is_overrun or self._held >= self._broker.window
        self._held += not self._is_overrun
        return not self._is_overrun

    def acknowledge(self, packet: int) -> None:
        """Sends the PUBACK; nothing on a connection that is gone."""
        if self.is_live:
            self._client.ack(packet, QOS)
            self._held -= 1
            if self._is_overrun and self._held == 0:
                _set_error(self.gone, _Overrun())

    async def open(self) -> bool:
        """Connects and subscribes; whether the broker knew the session. `_Lost`, `UnusableSettings`."""
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        asked.SessionExpiryInterval = self._broker.expiry
        asked.ReceiveMaximum = self._broker.window
        where = (self._broker.host, self._broker.port, self._broker.keepalive)
        try:
            await asyncio.to_thread(self._client.connect, *where, clean_start=False, properties=asked)
        except ssl.SSLCertVerificationError as error:
            raise UnusableSettings(f"--broker: its certificate is not good: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            raise _Lost(f"{self._broker.address}: {error}") from error
        self._client.loop_start()
        await asyncio.wait((self._ready, self.gone), timeout=self._broker.patience,
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        if self._ready.done():
            return self._ready.result()
        if self.gone.done():
            self.gone.result()
        raise _Lost(f"{self._broker.address} does not answer")

    async def close(self) -> None:
        """
        Says goodbye when the broker has the acknowledgements that were given; the session stays.

        A connection that is closed while something waits to be read is reset, and what the broker has not read by then
        is lost to it. So one more subscription, the same as before, is answered first: behind the acknowledgements.
        """
        if self._is_connected and not self._is_lost:
            self._subscribe()
            await asyncio.wait((self._flushed,), timeout=FAREWELL_SECONDS)
        self._client.disconnect()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._client.loop_stop), self._broker.patience)
        for future in (self._ready, self.gone, self._flushed):
            if future.done() and not future.cancelled():
                future.exception()  # was told, or is of no interest any more
            future.cancel()

    def _subscribed(self) -> None:
        """The first answer says that the subscription stands, the second one that all before it was read."""
        self._answers += 1
        _set_result(self._ready if self._answers == 1 else self._flushed, self._session_kept)

    def _lose(self, error: Exception) -> None:
        self._is_lost = True
        _set_error(self.gone, error)
        _set_result(self._flushed, False)

    # Below: called by paho's thread, but for `_subscribe`, which may be called by any.

    def _subscribe(self) -> None:
        options = SubscribeOptions(qos=QOS, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        self._client.subscribe(self._broker.topic_filter, options=options)

    def _on_connect(self, _client: Client, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self._end(reason, "the broker refuses the connection", _UNUSABLE)
            return
        self._session_kept = flags.session_present
        self._subscribe()
        self._is_connected = True

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _more: Any) -> None:
        if reasons[0].is_failure or reasons[0].value != QOS:
            told = f"--topic: the broker does not give {self._broker.topic_filter} with QoS {QOS}: {reasons[0]}"
            self._tell(self._lose, UnusableSettings(told))
        else:
            self._tell(self._subscribed)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        # Behind whatever was told before: the first messages of a session come before the SUBACK.
        self._tell(self._arrived_at, self, message)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self._end(reason, "the connection to the broker is gone", frozenset({_TAKEN_OVER}))

    def _end(self, reason: ReasonCode, what: str, final: frozenset[int]) -> None:
        told = f"{what}: {reason}"
        if reason.value in final:
            hint = " (does another gateway run with this --client-id?)" if reason.value == _TAKEN_OVER else ""
            self._tell(self._lose, UnusableSettings(f"--broker: {told}{hint}"))
        else:
            self._tell(self._lose, _Lost(told))

    def _tell(self, do: Callable[..., None], *values: Any) -> None:
        # The loop may have ended while this thread did.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(do, *values)


def _set_error(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _set_result(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _topic_of(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""

"""
Builds a gateway: adapters for a broker, a service's capture interface and a file of dead letters.

Apart from `ledger.wiring`, since a gateway has no ledger: no store and no HTTP server is imported. Secrets come from
the environment or from files that it names, never from arguments, which everybody on the machine can read.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ledger.adapters.dead_letter_file import DeadLetterFile
from ledger.adapters.device_table_toml import read_device_table
from ledger.adapters.http_capture import HttpCapture
from ledger.adapters.mqtt_deliveries import Broker, open_deliveries, tls_context
from ledger.adapters.pinned import load_pinned
from ledger.domain.errors import InvalidInput, NotFound, UnusableSettings, WrongChain
from ledger.domain.gateway.devices import Admission, DeviceTable
from ledger.domain.gateway.topics import DEVICE, TopicTemplate
from ledger.domain.typed_data import Domain
from ledger.ports_gateway import GatewayNotices, ServiceAway
from ledger.services.gateway import Gate, Gateway, GatewayLimits

PORTS = {"mqtt": 1883, "mqtts": 8883}
USER = "SILKROOT_GATEWAY_USER"
KEY, KEY_FILE = "SILKROOT_GATEWAY_KEY", "SILKROOT_GATEWAY_KEY_FILE"
PASSWORD, PASSWORD_FILE = "SILKROOT_GATEWAY_PASSWORD", "SILKROOT_GATEWAY_PASSWORD_FILE"
ALLOW_PLAIN = "SILKROOT_ALLOW_PLAIN_CAPTURE"
_MOST_SECRET_BYTES = 4_096
LARGEST_WINDOW = 65_535


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """
    `environment` holds the secrets, or names the files that do. `window`: messages that the broker may give without an
    acknowledgement.
    """

    broker: str
    service: str
    dead_letters: Path
    topic: str = "silkroot/{party}/{device}/events"
    client_id: str = "silkroot-gateway"
    devices: Path | None = None
    deployment: Path | None = None
    unsigned: bool = False
    window: int = 1_000
    ca: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    limits: GatewayLimits = field(default_factory=GatewayLimits)
    environment: Mapping[str, str] = field(default_factory=dict)

    def secret(self, name: str, file_name: str) -> str:
        """The secret of that name, or of the file of the other; "" where there is none."""
        path = self.environment.get(file_name, "")
        if not path:
            return self.environment.get(name, "")
        try:
            with Path(path).open("rb") as file:
                return file.read(_MOST_SECRET_BYTES).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableSettings(f"{file_name}: {path} cannot be read: {error}") from None

    @property
    def topics(self) -> TopicTemplate:
        """The form of topics."""
        try:
            template = TopicTemplate.parse(self.topic)
        except InvalidInput as error:
            raise UnusableSettings(f"--topic: {error}") from None
        if self.devices is not None and DEVICE not in template.levels:
            raise UnusableSettings(f"--topic: a device table needs topics with the level {DEVICE}")
        return template

    @property
    def mqtt(self) -> Broker:
        """The broker, and who subscribes."""
        address = _split("--broker", self.broker)
        if address.scheme not in PORTS or address.path not in ("", "/") or address.query:
            raise UnusableSettings(f"--broker: {self.broker} is not of the form mqtt://host:port or mqtts://host:port")
        if not self.client_id:
            raise UnusableSettings("--client-id: a session that lasts needs a name")
        if not 1 <= self.window <= LARGEST_WINDOW:
            raise UnusableSettings(f"--window: 1 to {LARGEST_WINDOW}")
        encrypted = address.scheme == "mqtts"
        if not encrypted and (self.ca or self.certificate or self.certificate_key):
            raise UnusableSettings("--ca, --cert and --cert-key are for mqtts://")
        if self.certificate_key is not None and self.certificate is None:
            raise UnusableSettings("--cert-key: it belongs to a certificate: --cert")
        user, password = self.environment.get(USER, ""), self.secret(PASSWORD, PASSWORD_FILE)
        if password and not encrypted and not _is_here(address):
            raise UnusableSettings(f"{PASSWORD}: in mqtt:// everybody on the way can read it; use mqtts://")
        tls = tls_context(self.ca, self.certificate, self.certificate_key) if encrypted else None
        return Broker(
            address.hostname or "", address.port or PORTS[address.scheme], self.client_id, self.topics.filter, user,
            password, tls, self.window,
        )  # fmt: skip

    @property
    def service_address(self) -> str:
        """Where the service is, without a slash at its end."""
        address = _split("--service", self.service)
        if address.scheme not in ("http", "https") or address.query:
            raise UnusableSettings(f"--service: {self.service} does not begin with http:// or https://")
        allowed = self.environment.get(ALLOW_PLAIN, "").lower() in ("1", "true", "yes", "on")
        if address.scheme == "http" and not _is_here(address) and not allowed:
            raise UnusableSettings(
                f"--service: in http:// everybody on the way can read the key; or set {ALLOW_PLAIN}=1"
            )
        return self.service.rstrip("/")

    @property
    def api_key(self) -> str:
        """The key of the capture interface."""
        if not (key := self.secret(KEY, KEY_FILE)):
            raise UnusableSettings(f"{KEY} or {KEY_FILE} has to give a key of `silkroot key create`")
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise UnusableSettings(f"{KEY}: this is no key")
        return key

    @property
    def pinned_domain(self) -> Domain | None:
        """What signatures are made for, where a record was given."""
        if self.deployment is None:
            return None
        try:
            record = load_pinned(self.deployment)
        except (NotFound, WrongChain) as error:
            raise UnusableSettings(f"--deployment: {error}") from error
        return Domain.of_ledger(record.chain_id, record.ledger)


@asynccontextmanager
async def open_gateway(options: GatewayOptions, notices: GatewayNotices) -> AsyncIterator[Gateway]:
    """The gateway, whose connections are open while the block runs. `UnusableSettings`; `StoreError`."""
    broker, topics = options.mqtt, options.topics
    table = DeviceTable() if options.devices is None else read_device_table(options.devices)
    service = HttpCapture(options.service_address, options.api_key, time.time)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(service.close)
        domain = options.pinned_domain
        if domain is None and table.devices:
            domain = await _domain(service)
        dead_letters = DeadLetterFile(options.dead_letters, time.time)
        dead_letters.write(())  # now, rather than when the first one comes
        deliveries = await stack.enter_async_context(open_deliveries(broker, notices))
        gate = Gate(topics, Admission(table, domain, options.unsigned))
        yield Gateway(deliveries, service, dead_letters, gate, options.limits, notices)


async def _domain(service: HttpCapture) -> Domain:
    try:
        return await service.domain()
    except ServiceAway as away:
        message = f"--devices: without the service's deployment record no key can be checked ({away}); or --deployment"
        raise UnusableSettings(message) from away


def _split(option: str, url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        has_port = address.port != 0
    except ValueError as error:
        raise UnusableSettings(f"{option}: {error}") from None
    if not address.hostname or not has_port or address.fragment:
        raise UnusableSettings(f"{option}: {url} is no address")
    if address.username is not None or address.password is not None:
        raise UnusableSettings(f"{option}: user and password stand in the environment, not in an address")
    return address


def _is_here(address: SplitResult) -> bool:
    if address.hostname == "localhost":
        return True
    try:
        return ip_address(address.hostname or "").is_loopback
    except ValueError:
        return False

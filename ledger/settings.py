"""
Settings, read from the environment (`SILKROOT_…`) once at start.

Everything that the service writes lies under `data_dir`: database, keys, chain snapshots, deployment record, socket.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.domain.errors import UnusableSettings

_SOCKET_PATH_LIMIT = 100  # bytes that every platform allows in the path of a Unix socket


def default_data_dir() -> Path:
    """`data/` of the checkout that this package runs from, else the user's data directory."""
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").exists():
        return checkout / "data"
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "silkroot"


class Settings(BaseSettings):
    """See docs/en/operator.md for what each is good for. Raises `UnusableSettings`."""

    model_config = SettingsConfigDict(env_prefix="SILKROOT_", frozen=True)

    data_dir: Path = Field(default_factory=default_data_dir)
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str = ""
    https_port: Annotated[int, Field(ge=0, le=65535)] = 0
    database_url: str = ""
    sealing_policy: Path | None = None
    rpc_url: str = ""
    network: str = ""
    keystore_passphrase: SecretStr | None = None
    relay_key: SecretStr | None = None
    registrar_key: SecretStr | None = None
    operator_key: SecretStr | None = None
    allow_plain_capture: bool = False
    merge_delay: Annotated[int, Field(ge=1, le=30 * 86_400)] = 3_600

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            # The values themselves stay out of the message: some are secrets.
            told = [f"SILKROOT_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
            raise UnusableSettings("; ".join(told)) from None

    @field_validator("relay_key", "registrar_key", "operator_key")
    @classmethod
    def _is_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", secret.get_secret_value()):
            raise ValueError("a key is 32 bytes in hex")
        return secret

    @property
    def url(self) -> str:
        """The address that links and QR codes carry, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def staff_url(self) -> str:
        """Where the pages for staff are, which need HTTPS or this very machine."""
        parts = urlsplit(self.url)
        if self.https_port and parts.scheme != "https":
            host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
            return f"https://{host}:{self.https_port}"
        # Not by its number: a passkey needs a name.
        return self.url if self.public_url or self.host != "127.0.0.1" else f"http://localhost:{self.port}"

    @property
    def sqlalchemy_url(self) -> str:
        """The database: `SILKROOT_DATABASE_URL`, else a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'silkroot.sqlite3'}"

    @property
    def uses_postgresql(self) -> bool:
        """Whether the database is a PostgreSQL server, which several processes can use."""
        return self.sqlalchemy_url.startswith("postgresql")

    @property
    def socket_path(self) -> Path:
        """The Unix socket of the running service; in the temporary folder where that path is too long."""
        path = self.data_dir.resolve() / "silkroot.sock"
        if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
            return path
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"silkroot-{os.getuid()}-{name}.sock"

    @property
    def lock_path(self) -> Path:
        """The file whose lock says which process owns the data directory."""
        return self.data_dir / "silkroot.lock"

    @property
    def files_path(self) -> Path:
        """The folder of photos and PDFs, each under its hash."""
        return self.data_dir / "files"

    @property
    def held_path(self) -> Path:
        """The file that names the entries that the demonstration keeps back from the chain."""
        return self.data_dir / "demo-held.json"

    @property
    def policy_path(self) -> Path | None:
        """What is sealed: `SILKROOT_SEALING_POLICY`, else `sealing.toml` in the data directory; None: the default."""
        path = self.sealing_policy or self.data_dir / "sealing.toml"
        return path if self.sealing_policy or path.exists() else None

    @property
    def tls_dir(self) -> Path:
        """Where the certificates for HTTPS in a local network lie, and their keys."""
        return self.data_dir / "tls"

    @property
    def deployment_path(self) -> Path:
        """The deployment record: which chain and which contracts this ledger trusts."""
        return self.data_dir / "deployment.json"

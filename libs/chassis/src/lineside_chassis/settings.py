"""What a service reads from its environment (prefix `LINESIDE_`)."""

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings every service has; a service adds its own in a subclass.

    Attributes:
        database_url: As the app role. relay_database_url: as the relay role.
        http_port: Of /health, /ready and /metrics; 0 serves none.
        batch_size: Messages per fetch (the knee of throughput is at 100).
        pool_size: Connections to the database, and requests answered at a time.
        request_seconds: How long an answer may take. import_seconds: one that loads a file.
        retry_delays: Seconds until a message that met a bug is tried again; then it is set aside.
        shutdown_seconds: How long work in hand may take at the end.
    """

    model_config = SettingsConfigDict(env_prefix="LINESIDE_", extra="ignore")

    database_url: str = ""
    relay_database_url: str = ""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str | None = None
    nats_password: SecretStr | None = None
    nats_inbox_prefix: str = "_INBOX"
    http_host: str = "127.0.0.1"
    http_port: int = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    otlp_endpoint: str | None = None
    batch_size: int = 200
    fetch_seconds: float = 5
    pool_size: int = 5
    request_seconds: float = 60
    import_seconds: float = 300
    retry_delays: tuple[float, ...] = (1, 5, 30, 120)
    shutdown_seconds: float = 20
    inbox_days: int = 14
    answered_requests_days: int = 7

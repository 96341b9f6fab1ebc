"""What the gateway reads from its environment (prefix `LINESIDE_`); read only by `app`."""

from pathlib import Path

from lineside_chassis.settings import ServiceSettings

MEBIBYTE = 1024 * 1024


class Settings(ServiceSettings):
    """Every service's settings, and the gateway's own.

    Attributes:
        jwks_url: Where the issuer publishes its keys. jwks_file: the same as a file.
        jwks_seconds: How old the keys may grow before they are read again.
        cors_origins: Origins whose pages may call, as a JSON list; none by default.
        rate_per_second: Requests a tenant may make per second and process; 0 is unlimited.
        rate_burst: Requests a tenant may make at once.
        body_bytes: Largest JSON body. document_bytes: largest sales document (it travels in one
            NATS message, escaped). import_bytes: largest import file (it travels in the store).
        import_seconds: How long a service may take to load a file.
        ticket_seconds: How long a WebSocket ticket may be redeemed.
        socket_frames: Frames that may wait for one client. socket_bytes: and their size.
        socket_seconds: How long one frame may take to leave, and a first message to come.
        socket_count: Clients one process serves.
    """

    http_port: int = 8000
    jwks_url: str | None = None
    jwks_file: Path | None = None
    jwks_seconds: float = 300
    jwt_issuer: str = "lineside-development"
    jwt_audience: str = "lineside"
    cors_origins: tuple[str, ...] = ()
    rate_per_second: float = 500
    rate_burst: int = 1000
    body_bytes: int = MEBIBYTE
    document_bytes: int = 4 * MEBIBYTE
    import_bytes: int = 64 * MEBIBYTE
    import_seconds: float = 305
    ticket_seconds: float = 30
    socket_frames: int = 1000
    socket_bytes: int = 8 * MEBIBYTE
    socket_seconds: float = 10
    socket_count: int = 2000

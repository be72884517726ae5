"""Read and write DATABASE_URL, and say it to psycopg, to PostgreSQL's programs and to Django; pure.

`postgresql://ana:secret@db.example:5432/stead?sslmode=require` or, over a socket,
`postgresql://ana:secret@/stead?host=/var/run/postgresql`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from psycopg.conninfo import make_conninfo

from stead.platform.database.errors import UrlNotUnderstood

SCHEMES = ("postgres", "postgresql")
DEFAULT_PORT = 5432
NEAR_HOSTS = ("localhost", "127.0.0.1", "::1")
TLS_MODES = ("require", "verify-ca", "verify-full")
EXAMPLE = "postgresql://user:password@host:5432/database"
ENVIRONMENT_NAMES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
    "application_name": "PGAPPNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
}


@dataclass(frozen=True)
class DatabaseUrl:
    """The parts of a DATABASE_URL; an empty host means the client library's default socket."""

    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int = DEFAULT_PORT
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a DATABASE_URL; the refusal never repeats it, because it holds a password."""
        try:
            parts = urlsplit(text.strip())
            port = parts.port
            options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        except ValueError as error:
            raise UrlNotUnderstood(f"DATABASE_URL cannot be read. It looks like {EXAMPLE}.") from error
        if parts.scheme not in SCHEMES:
            raise UrlNotUnderstood(f"DATABASE_URL must begin with postgresql:// and look like {EXAMPLE}.")
        database = unquote(parts.path.removeprefix("/"))
        if not database or "/" in database:
            raise UrlNotUnderstood(f"DATABASE_URL must name one database at its end: {EXAMPLE}.")
        host = options.pop("host", "") or unquote(parts.hostname or "")
        port_text = options.pop("port", "") or str(port or DEFAULT_PORT)
        if not port_text.isdigit():
            raise UrlNotUnderstood(f"The port in DATABASE_URL must be a number: {EXAMPLE}.")
        return cls(
            database, unquote(parts.username or ""), unquote(parts.password or ""), host, int(port_text), options
        )

    def compose(self) -> str:
        """Write it as one DATABASE_URL."""
        login = quote(self.user, safe="")
        if self.password:
            login += ":" + quote(self.password, safe="")
        query = dict(self.options)
        address = ""
        if self.is_socket:
            query = {"host": self.host, **query}
        elif self.host:
            address = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != DEFAULT_PORT:
            address += f":{self.port}"
        tail = "?" + urlencode(query) if query else ""
        return f"postgresql://{login}{'@' if login else ''}{address}/{quote(self.database, safe='')}{tail}"

    @property
    def is_socket(self) -> bool:
        return self.host.startswith(("/", "@"))

    @property
    def is_external(self) -> bool:
        """Whether it leaves this machine."""
        return bool(self.host) and not self.is_socket and self.host not in NEAR_HOSTS

    @property
    def needs_tls(self) -> bool:
        return self.options.get("sslmode") in TLS_MODES

    @property
    def address(self) -> str:
        """Say where it is without user and password, for messages."""
        return f"“{self.database}” at {self.host or 'the local socket'}:{self.port}"

    def as_conninfo(self) -> str:
        """Say it to psycopg."""
        given = {"dbname": self.database, "user": self.user, "password": self.password, "host": self.host}
        return make_conninfo(port=self.port, **{key: value for key, value in given.items() if value}, **self.options)

    def as_environment(self) -> dict[str, str]:
        """Say it to PostgreSQL's programs by environment, which other accounts cannot read, unlike arguments."""
        unknown = sorted(set(self.options) - set(ENVIRONMENT_NAMES))
        if unknown:
            raise UrlNotUnderstood(f"DATABASE_URL has options that PostgreSQL's programs do not know: {unknown}.")
        said = {
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGHOST": self.host,
            "PGPORT": str(self.port),
        } | {ENVIRONMENT_NAMES[name]: value for name, value in self.options.items()}
        return {name: value for name, value in said.items() if value}

    def as_django(self) -> dict[str, Any]:
        """Say it to Django, as one entry of DATABASES."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.database,
            "USER": self.user,
            "PASSWORD": self.password,
            "HOST": self.host,
            "PORT": str(self.port),
            "OPTIONS": dict(self.options),
        }

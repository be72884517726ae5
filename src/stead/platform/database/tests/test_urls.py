"""DATABASE_URL is read, written and said to others without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from stead.platform.database.errors import UrlNotUnderstood
from stead.platform.database.urls import DatabaseUrl

words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(database=words.filter(lambda w: "/" not in w), user=words, password=words, port=st.integers(1, 65535))
def test_any_name_and_password_survives_the_url(database: str, user: str, password: str, port: int) -> None:
    for host in ("db.example", "::1", "/var/run/some where"):
        url = DatabaseUrl(database, user, password, host, port, {"sslmode": "prefer"})
        assert DatabaseUrl.parse(url.compose()) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mysql://ana@host/db",
        "postgresql://ana@host",
        "postgresql://host:seven/db",
        "postgresql://host/db?sslmode",
        "postgresql://host/db?port=x",
        "postgresql://host/a/b",
    ],
)
def test_unreadable_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UrlNotUnderstood) as refused:
        DatabaseUrl.parse(text)
    assert not text or text not in str(refused.value)


def test_url_is_said_to_psycopg_django_and_programs() -> None:
    url = DatabaseUrl.parse("postgres://ana:p%40ss@db.example:6432/stead?sslmode=require")
    assert conninfo_to_dict(url.as_conninfo()) == {
        "user": "ana",
        "password": "p@ss",
        "host": "db.example",
        "port": "6432",
        "dbname": "stead",
        "sslmode": "require",
    }
    django = url.as_django()
    assert (django["NAME"], django["HOST"], django["PORT"]) == ("stead", "db.example", "6432")
    assert django["OPTIONS"] == {"sslmode": "require"}
    assert url.as_environment()["PGSSLMODE"] == "require"
    assert url.as_environment()["PGPASSWORD"] == "p@ss"
    assert "p@ss" not in repr(url)


@pytest.mark.parametrize(
    ("text", "socket", "external"),
    [
        ("postgresql://a@/db?host=/run/pg", True, False),
        ("postgresql://a@localhost/db", False, False),
        ("postgresql://a@[::1]:5433/db", False, False),
        ("postgresql://a@db.example/db", False, True),
        ("postgresql:///db", False, False),
    ],
)
def test_url_knows_where_it_leads(text: str, socket: bool, external: bool) -> None:
    url = DatabaseUrl.parse(text)
    assert (url.is_socket, url.is_external) == (socket, external)

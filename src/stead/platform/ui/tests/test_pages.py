import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from stead.platform.ui import errors
from stead.platform.ui.pages import asked_part, render_part

TEMPLATE = "ui/errors/404.html"


def answer(part: str | None = None, **headers: str) -> HttpResponse:
    request = RequestFactory().get("/", headers={k.replace("_", "-"): v for k, v in headers.items()})
    return render_part(request, TEMPLATE, part=part)


def test_browser_gets_the_whole_page() -> None:
    assert b"<!doctype html>" in answer().content


def test_htmx_gets_the_part_its_target_names() -> None:
    content = answer(HX_Request="true", HX_Target="section#fragment").content
    assert content.startswith(b"<section") and b"<html" not in content


def test_named_part_wins_over_the_target() -> None:
    assert b"<html" not in answer("fragment", HX_Request="true", HX_Target="div#other").content


@pytest.mark.parametrize("target", ["div#unknown", "body", "div#a/b#../x", ""])
def test_target_without_a_partial_gets_the_whole_page(target: str) -> None:
    assert b"<!doctype html>" in answer(HX_Request="true", HX_Target=target).content


def test_full_request_of_htmx_gets_the_whole_page() -> None:
    content = answer(HX_Request="true", HX_Request_Type="full", HX_Target="section#fragment").content
    assert b"<!doctype html>" in content


def test_caches_keep_part_and_page_apart() -> None:
    assert "HX-Request" in answer().headers["Vary"] and "HX-Target" in answer().headers["Vary"]


def test_only_a_name_is_taken_from_the_target() -> None:
    request = RequestFactory().get("/", headers={"HX-Target": "div#../../etc"})
    assert asked_part(request) is None


def test_error_pages_are_fragments_for_htmx_and_pages_otherwise() -> None:
    plain, part = RequestFactory().get("/"), RequestFactory().get("/", headers={"HX-Request": "true"})
    for answer_with, status in ((errors.forbidden, 403), (errors.not_found, 404), (errors.broken, 500)):
        assert answer_with(plain).status_code == status
        assert b"<!doctype html>" in answer_with(plain).content
        assert b"<html" not in answer_with(part).content


def test_broken_page_and_log_carry_the_same_reference(caplog: pytest.LogCaptureFixture) -> None:
    content = errors.broken(RequestFactory().get("/")).content.decode()
    reference = caplog.records[0].args[0]  # type: ignore[index]
    assert str(reference) in content


@pytest.mark.parametrize(
    "address", ["/design/", "/design/home", "/design/booking", "/design/portal", "/design/search?q=x"]
)
def test_design_pages_need_no_database(design_client: Client, address: str) -> None:
    assert design_client.get(address).status_code == 200


def test_design_pages_refuse_the_wrong_method(design_client: Client) -> None:
    assert design_client.post("/design/home").status_code == 405
    assert design_client.get("/design/press").status_code == 405

"""The ruler on pages whose counts are known: what a person does is counted, what the page does by itself is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from stead.config.ruler.counter import Ruler
from stead.config.ruler.keystrokes import Counted

PAGE = """<!doctype html><html lang=en><title>x</title><main><h1>First</h1>
<button id=plain type=button>Nothing</button>
<label>Search <input id=q type=search></label><label>Name <input id=name></label>
<label>Say <textarea id=say></textarea></label><label>Pick <select id=pick><option>one<option>two</select></label>
<label><input id=tick type=checkbox> Tick</label>
<a id=on href="/second">On</a><button id=open type=button>Open</button>
<aside id=side class=panel hidden><h2>Side</h2><p>Words</p></aside><dialog id=ask><h2>Ask</h2></dialog></main>
<script>
  document.querySelector("#open").addEventListener("click", () => { document.querySelector("#side").hidden = false; });
</script>"""
SECOND = "<!doctype html><html lang=en><title>y</title><main><h1>Second</h1></main>"


@pytest.fixture
def measured(browser: Browser) -> Iterator[tuple[Page, Ruler]]:
    context = browser.new_context(base_url="http://ruler.test")

    def answer(route: Route) -> None:
        body = SECOND if route.request.url.endswith("/second") else PAGE
        route.fulfill(body=body, content_type="text/html")

    context.route("**/*", answer)
    ruler = Ruler(context)
    page = context.new_page()
    page.goto("/")
    ruler.start(page)
    yield page, ruler
    context.close()


def test_presses_and_ticks_are_clicks(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.locator("#plain").click()
    page.locator("#tick").click()
    assert ruler.read(page) == Counted(clicks=2)


def test_drop_down_is_two_clicks_however_it_is_chosen(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.locator("#pick").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#pick").input_value() == "two"
    assert ruler.read(page) == Counted(clicks=2)


def test_fields_count_once_and_the_press_into_them_is_theirs(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.locator("#q").click()
    page.keyboard.type("marsh")
    page.locator("#name").click()
    page.keyboard.type("Dee")
    page.locator("#say").click()
    page.keyboard.type("one\ntwo")
    assert ruler.read(page) == Counted(search_fields=1, other_fields=2)


def test_keys_that_act_are_clicks(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.locator("#plain").focus()
    page.keyboard.press("Enter")
    page.locator("#name").focus()
    page.keyboard.press("Enter")
    assert ruler.read(page) == Counted(clicks=2)


def test_panel_that_opens_is_a_view_and_words_that_change_in_it_are_not(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.locator("#open").click()
    page.evaluate("document.querySelector('#side p').textContent = 'Other words'")
    assert ruler.read(page) == Counted(clicks=1, views=1)
    page.evaluate("document.querySelector('#side h2').textContent = 'Another side'")
    assert ruler.read(page).views == 2
    page.evaluate("document.querySelector('#ask').showModal()")
    assert ruler.read(page).views == 3


def test_what_changes_at_once_is_one_view(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.evaluate("document.querySelector('h1').textContent = 'New'; document.querySelector('#side').hidden = false")
    assert ruler.read(page) == Counted(views=1)


def test_page_load_is_a_load_and_a_view(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    page.locator("#on").click()
    page.wait_for_url("**/second")
    assert ruler.read(page) == Counted(clicks=1, views=1, loads=1)


def test_answers_are_left_out(measured: tuple[Page, Ruler]) -> None:
    page, ruler = measured
    with ruler.paused(page):
        page.locator("#name").press_sequentially("Dee")
    page.locator("#plain").click()
    assert ruler.read(page) == Counted(clicks=1)

"""The design pages in a real browser: no finding of axe, no sideways scroll, no complaint of the policy."""

import pytest
from playwright.sync_api import Page, expect

from stead.platform.ui.tests import urls
from stead.platform.ui.tests.conftest import axe_findings

PAGES = (
    "/design/",
    "/design/home",
    "/design/booking",
    "/design/portal",
    "/design/portal?lang=es",
    "/design/search?q=mar",
)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 360])
@pytest.mark.parametrize("address", PAGES)
def test_page_is_accessible_and_fits(
    page: Page, design_server: str, complaints: list[str], address: str, width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(design_server + address)
    assert axe_findings(page) == []
    assert page.evaluate(SIDEWAYS) == 0
    assert complaints == []


@pytest.mark.parametrize("density", ["dense", "large"])
def test_other_densities_are_accessible(page: Page, design_server: str, density: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 900})
    page.goto(f"{design_server}/design/?theme=dark&density={density}")
    assert axe_findings(page) == []
    assert page.evaluate(SIDEWAYS) == 0


def test_portal_fits_the_smallest_phone(page: Page, design_server: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{design_server}/design/portal?lang=es")
    assert page.evaluate(SIDEWAYS) == 0
    assert page.get_by_role("link", name="Tomar la foto").bounding_box()["height"] >= 44  # type: ignore[index]


@pytest.mark.parametrize("address", ["/design/", "/design/home", "/design/booking"])
def test_staff_pages_reflow_at_four_hundred_percent(page: Page, design_server: str, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(design_server + address)
    assert page.evaluate(SIDEWAYS) == 0


def test_print_keeps_the_margin_and_the_columns_and_drops_bars_and_buttons(page: Page, design_server: str) -> None:
    page.set_viewport_size({"width": 794, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{design_server}/design/home")
    for gone in (".bar", ".tabs", ".button >> nth=0"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator("thead").first).to_be_visible()
    expect(page.get_by_text("Printed by Mona Petrakis")).to_be_visible()
    margin, body = (page.locator(f"#stuck > {part}").bounding_box() for part in (".margin", ".body"))
    assert margin and body and margin["x"] + margin["width"] <= body["x"] + 1
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_figures_of_a_table_are_read_in_the_fold_too(page: Page, design_server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{design_server}/design/home")
    expect(page.get_by_role("row", name="Linden Street")).to_contain_text("38")


def test_refusal_takes_the_focus_once_and_is_announced(page: Page, design_server: str) -> None:
    page.goto(f"{design_server}/design/booking")
    said = page.get_by_role("alert")
    expect(said).to_be_focused()
    expect(said).to_contain_text("Two of six clauses are not met")
    first_open = page.locator(".clauses tbody tr").first
    expect(first_open.locator(".no")).to_have_text("3")


def test_palette_finds_and_runs_by_letter(page: Page, design_server: str) -> None:
    page.goto(f"{design_server}/design/home")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("book")
    expect(page.locator("#hits li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    page.wait_for_url("**/design/booking")


def test_escape_closes_the_palette_whatever_was_typed(page: Page, design_server: str) -> None:
    page.goto(f"{design_server}/design/home")
    page.keyboard.press("Control+k")
    page.keyboard.type("book")
    expect(page.locator("#hits li")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_search_works_without_script(browser: object, design_server: str) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{design_server}/design/home")
    page.get_by_role("searchbox").first.fill("marl")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Marlow, Quinn")).to_be_visible()
    context.close()


def test_filter_is_a_sentence_that_works_without_script(browser: object, design_server: str) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{design_server}/design/")
    page.locator(".filters summary").first.click()
    page.get_by_label("paid").check()
    page.get_by_role("button", name="Show").first.click()
    assert "state=paid" in page.url and "sort=service" in page.url
    context.close()


def test_letters_open_rooms_and_walk_rows_and_can_be_switched_off(page: Page, design_server: str) -> None:
    page.goto(f"{design_server}/design/home")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-at]")).to_contain_text("S. Okafor")
    page.locator(".me summary").click()
    page.get_by_label("Single-letter keys").uncheck()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_timeout(300)
    assert page.url.endswith("/design/home")
    page.locator(".me summary").click()
    page.get_by_label("Single-letter keys").check()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/design/booking")


def test_double_press_posts_once(page: Page, design_server: str) -> None:
    urls.PRESSES.clear()
    page.goto(f"{design_server}/slow")
    page.evaluate("const b = document.querySelector('main button'); b.click(); b.click();")
    page.get_by_role("heading", name="Done").wait_for()
    assert urls.PRESSES == ["pressed"]


def test_journal_event_refreshes_only_the_parts_it_concerns(
    page: Page, design_server: str, complaints: list[str]
) -> None:
    urls.READS.clear()
    urls.STREAMS.clear()
    urls.SPEAK.clear()
    page.emulate_media(reduced_motion="reduce")  # the ink stays wet for 10 s instead of 2
    page.goto(f"{design_server}/live")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    urls.SPEAK.set()
    expect(page.locator("#row")).to_have_text("new")
    expect(page.locator("#row")).to_have_class("wet")
    expect(page.locator("[data-last]")).to_have_text("10:43:00")
    assert urls.READS == ["div#list"]
    assert len(urls.STREAMS) == 1
    assert complaints == []


def test_rows_under_the_pointer_wait_behind_a_button(page: Page, design_server: str) -> None:
    urls.SPEAK.clear()
    page.goto(f"{design_server}/live")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    page.locator("#list").hover()
    urls.SPEAK.set()
    waiting = page.get_by_role("button", name="1 new")
    waiting.wait_for()
    expect(page.locator("#row")).to_have_text("old")
    waiting.click()
    expect(page.locator("#row")).to_have_text("new")


def test_page_says_when_it_is_not_live(page: Page, design_server: str) -> None:
    page.goto(f"{design_server}/deaf")
    expect(page.get_by_text("Not live; reload to see what is new")).to_be_visible()
    expect(page.locator("#row")).to_have_text("old")

"""Every page opened cold by its address: the shell is around it, nothing fails, and the colours are those of the theme."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator

import pytest
from browser_harness import ROOT, AppServer, Scheme, Screen
from shop import Shop, make_shop

from ui.words import WT

PAGES = ("home", "data", "train", "jobs", "compare", "recommendations", "signals", "shoppers", "tune")
MODELS = ("popularity", "transitions")
FIRST = ("home", "recommendations", "tune")  # opened first after a start, each in a server of its own; the others in the slow run
FILLS = "marks => marks.map(mark => getComputedStyle(mark)).filter(style => style.fillOpacity !== '0').map(style => style.fill)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return make_shop(tmp_path_factory.mktemp("shop") / "workspace", MODELS)


@pytest.fixture(scope="module")
def warm_server(shop: Shop) -> Iterator[AppServer]:
    """One server for the tests that do not need a cold one."""
    server = AppServer(shop.workspace).start()
    yield server
    server.stop()
    assert server.tracebacks() == []


def address(page: str, shop: Shop) -> str:
    """The first page has no path of its own."""
    return f"{'' if page == 'home' else page}?{shop.query}"


def assert_in_shell(screen: Screen, page: str) -> None:
    """The navigation names every page, and the page has its title."""
    navigation = screen.page.get_by_test_id("stSidebarNav").inner_text()
    for name in PAGES:
        assert WT(f"nav.{name}") in navigation
    assert screen.page.get_by_role("heading", level=1).inner_text() == WT(f"nav.{page}")


@pytest.mark.parametrize("page", [page if page in FIRST else pytest.param(page, marks=pytest.mark.slow) for page in PAGES])
def test_the_first_address_after_a_start_shows_the_shell(
    page: str, shop: Shop, serve: Callable[..., AppServer], look: Callable[..., Screen]
) -> None:
    screen = look(serve(workspace=shop.workspace), address(page, shop))
    assert_in_shell(screen, page)
    assert screen.problems() == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in FIRST])
def test_an_address_in_a_new_tab_shows_the_shell(page: str, shop: Shop, warm_server: AppServer, look: Callable[..., Screen]) -> None:
    screen = look(warm_server, address(page, shop))
    assert_in_shell(screen, page)
    assert screen.problems() == []


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_workspace_has_a_next_step(page: str, app_server: AppServer, look: Callable[..., Screen]) -> None:
    """Whatever page comes first, it names a way on: a button that can be pressed."""
    screen = look(app_server, "" if page == "home" else page)
    buttons = screen.page.get_by_test_id("stMain").get_by_role("button").all()
    assert any(button.is_visible() and button.is_enabled() for button in buttons)
    assert screen.problems() == []


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_shows_the_whole_width(page: str, shop: Shop, warm_server: AppServer, look: Callable[..., Screen]) -> None:
    screen = look(warm_server, address(page, shop), width=390, scheme="dark")
    assert screen.overflow_px() == 0
    assert screen.problems() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_wears_the_colours_of_the_theme(scheme: Scheme, shop: Shop, warm_server: AppServer, look: Callable[..., Screen]) -> None:
    """Every bar on the Data page has a colour of this theme's palette, and one of them a colour that only this theme has."""
    themes = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    screen = look(warm_server, address("data", shop), scheme=scheme)
    fills = set(screen.page.locator('[data-testid="stPlotlyChart"] .bars .point path').evaluate_all(FILLS))
    own = {rgb(colour) for colour in themes[scheme]["chartCategoricalColors"]}
    other = {rgb(colour) for colour in themes["dark" if scheme == "light" else "light"]["chartCategoricalColors"]}
    assert fills
    assert fills <= own
    assert fills - other
    assert screen.background() == rgb(themes[scheme]["backgroundColor"])


def rgb(colour: str) -> str:
    """#0B6E75 → rgb(11, 110, 117), as a browser writes it."""
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)})"


@pytest.mark.parametrize("address", ["compare?variant=va-nonsense", "shoppers?shopper=<script>alert(1)</script>", "tune?diversity=nan"])
def test_a_broken_link_still_opens_a_page(address: str, warm_server: AppServer, look: Callable[..., Screen]) -> None:
    screen = look(warm_server, address)
    assert screen.page.get_by_role("heading", level=1).count() == 1
    assert screen.problems() == []

"""The HTML report: it asks nobody for anything, holds no markup from outside, stays small, and reads on any screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.values import Knobs
from tests.trading.backtest.made_up import HOUR, START, page, position, result, series, trade
from trading.backtest import html_style
from trading.backtest.html_report import Page, document, write_html
from trading.backtest.html_tables import DOUBTED, LISTED
from trading.backtest.palette import DARK, LIGHT
from trading.backtest.provenance import data_rows, knob_rows
from trading.backtest.series import Series
from trading.backtest.stress import Stressed

CHROMIUM = Path("/usr/bin/chromium")
VOID = {"meta", "br", "hr", "img", "input", "link"}
NASTY = "<script>alert('x')</script>&\"'{}"


class Reader(HTMLParser):
    """Tags with attributes, the text, and every tag closed in its turn."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data + "\n"


def rich_page(lang: str = "ko", palette: str = "korean", name: str = "KRW-BTC") -> Page:
    """A page with everything on it: two symbols, months, doubts, stress, open positions, a latch, notes."""
    prices = 50_000.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0.0, 0.004, 4000)))
    markets = [series(prices), series(prices[::-1], "KRW-ETH")]
    trades = [
        trade(
            float(round(prices[hour], -1)),
            float(round(prices[hour + 9], -1)),
            hour,
            hour + 9,
            0.01,
            symbol="BTC/KRW" if hour % 3 else "ETH/KRW",
            ambiguous=hour % 5 == 0,
            other_price=50_000.0 if hour % 2 else None,
        )
        for hour in range(0, 3900, 20)
    ]
    knobs = Knobs(palette=palette, take_profit_percent=0.07)
    equity = 1000.0 * np.exp(np.cumsum(np.random.default_rng(6).normal(0.0, 0.002, 4000)))
    told = result(list(equity), trades, [position(3950)], latches={"drawdown_limit": START + 3000 * HOUR})
    made = page(told, markets, lang, ("조심하세요.",), knobs)
    runs = (Stressed("as_is", 1000.0, 0.0, 0.1, 9, None), Stressed("fees", 900.0, -0.1, 0.2, 8, START))
    setup = replace(made.setup, command=f"python run_backtest.py --symbol {name}", files=((f"{name}.csv",), ("b.csv",)))
    setup = replace(setup, names={**setup.names, "BTC/KRW": name})
    heading = replace(made.heading, names=setup.names)
    return replace(made, findings=replace(made.findings, stress=runs), setup=setup, heading=heading)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_page_asks_nobody_for_anything(lang: str) -> None:
    content = document(rich_page(lang))
    read = Reader(content)
    assert read.open == []
    for tag, attributes in read.tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in {"href", "src", "xlink:href", "action", "data", "srcset"}:
                assert (value or "").startswith("#")
    assert not re.search(r"url\(|@import|https?:|//[a-z]", content)
    (policy,) = [one["content"] for tag, one in read.tags if tag == "meta" and "http-equiv" in one]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_nothing_from_outside_becomes_markup() -> None:
    made = rich_page(name=NASTY)
    content = document(replace(made, notes=(NASTY,)))
    assert "<script" not in content
    read = Reader(content)
    assert read.words.count(NASTY) > 5
    plain = Reader(document(rich_page()))
    assert {tag for tag, _ in read.tags} == {tag for tag, _ in plain.tags}


def test_every_language_has_its_words() -> None:
    korean, english = (Reader(document(rich_page(lang))).words for lang in ("ko", "en"))
    assert "백테스트 보고서" in korean
    assert "Backtest report" in english
    assert set(re.findall("[가-힣]+", english)) == {"조심하세요"}  # the note was made elsewhere
    assert Reader(document(rich_page("en"))).tags[0] == ("html", {"lang": "en"})


def test_the_latch_comes_first() -> None:
    words = Reader(document(rich_page("en"))).words
    first = words.index("The drawdown limit latched on 2026-01-04")
    assert first < words.index("조심하세요") < words.index("Net return")


def test_a_reader_can_run_it_again() -> None:
    made = rich_page("en")
    words = Reader(document(made)).words
    for said in ("python run_backtest.py --symbol KRW-BTC", "Version 1.2.3", "KRW-BTC.csv", "golden_cross", "0.05%"):
        assert said in words
    assert ("take_profit_percent", "0.07", "0.05") in knob_rows(made.setup, "en")
    assert "slippage_ticks" not in {name for name, _, _ in knob_rows(made.setup, "en")}


def test_gaps_in_the_data_are_counted() -> None:
    whole = series([100.0] * 50)
    candles = whole.candles
    keep = np.array([*range(10), *range(13, 30), *range(31, 50)])
    holes = replace(
        candles, **{name: getattr(candles, name)[keep] for name in ("time", "open", "high", "low", "close", "volume")}
    )
    made = page(result([1000.0] * 46), [replace(whole, candles=holes)], "en")
    assert data_rows(made.setup, "en")[0][-1] == "4 (longest gap 3)"
    setup = page(result([1000.0]), [whole], "en").setup
    assert data_rows(setup, "en")[0][-1] == "none"
    assert data_rows(replace(setup, files=()), "en")[0][1] == "practice prices"


def big(symbols: int = 1) -> Page:
    """A million candles in all and many thousand trades."""
    n = 1_000_000 // symbols
    walk = np.exp(np.cumsum(np.random.default_rng(1).normal(0.0, 1e-3, n)))
    markets: list[Series] = [series(50_000.0 * walk, f"KRW-{name}", step=60_000) for name in "ABCDEFGHIJ"[:symbols]]
    names = [one.instrument.symbol for one in markets]
    trades = [
        trade(50_000.0, 50_000.0 + hour % 900, hour, hour + 1, symbol=names[hour % symbols], ambiguous=hour % 9 == 0)
        for hour in range(16_000)
    ]
    return page(result(1000.0 * walk, trades, step=60_000), markets)


@pytest.mark.parametrize("symbols", [1, 10])
def test_a_large_run_is_a_small_file_and_says_what_it_leaves_out(symbols: int, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_html(path, big(symbols))
    assert path.stat().st_size < 2_000_000 / 2
    words = Reader(path.read_text(encoding="utf-8")).words
    assert f"{16_000 - LISTED:,}건은 여기에 없습니다" in words
    assert f"나머지 {1778 - DOUBTED:,}건" in words
    assert ("종목 2개는 그리지 않았습니다" in words) == (symbols == 10)


@pytest.mark.parametrize(
    ("equity", "trades"),
    [([1000.0], []), ([1000.0] * 3, [trade(100.0, 110.0)]), ([900.0, 800.0, 0.0, -5.0], [trade(100.0, 1.0)]), ([], [])],
)
def test_a_page_of_little_is_a_page(equity: list[float], trades: list[Any]) -> None:
    for lang in ("ko", "en"):
        content = document(page(result(equity, trades), [series([100.0, 110.0, 120.0, 90.0])], lang))
        assert Reader(content).open == []
        assert "nan" not in content


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", list(LIGHT))
def test_letters_stand_out_from_what_is_behind_them(palette: str) -> None:
    """WCAG AA: 4.5 to 1."""
    for base, colours in ((html_style._LIGHT, LIGHT), (html_style._DARK, DARK)):
        known = dict(re.findall(r"--(\w+):(#\w{6});", base))
        up, down = colours[palette]
        for letters, behind in product((known["ink"], known["quiet"], up, down), (known["card"], known["page"])):
            assert _contrast(letters, behind) >= 4.5, (palette, letters, behind)
        for strongest in (up, down):  # the deepest cell of the months
            mixed = [
                round(0.45 * int(strongest[at : at + 2], 16) + 0.55 * int(known["card"][at : at + 2], 16))
                for at in (1, 3, 5)
            ]
            assert _contrast(known["ink"], "#" + "".join(f"{part:02x}" for part in mixed)) >= 4.5, (palette, strongest)


# -- in a real browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without its own background traffic."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A full page in both languages and palettes, one with hardly anything."""
    folder = tmp_path_factory.mktemp("reports")
    made = {"ko": rich_page(), "en": rich_page("en", "western", NASTY), "big": big(2)}
    made["hours"] = page(result([1000.0, 990.0] * 20), [series([100.0, 110.0] * 20)])  # ends at a midnight in Korea
    for name, one in made.items():
        write_html(folder / f"{name}.html", one)
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.browser
@pytest.mark.parametrize("name", ["ko", "en", "big", "hours"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_opens_from_the_disk_and_fits(
    name: str, width: int, scheme: str, browser: Any, files: dict[str, Path]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
    )
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(files[name].as_uri())
    assert asked == [files[name].as_uri()]
    assert said == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    boxes = tab.locator("svg.plot").evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    assert boxes
    assert all(box["width"] > 0.75 * width and box["right"] <= width for box in boxes)
    labels = tab.locator("svg.plot text:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(one => [one.left, one.right])"
    )
    assert all(left >= 0 and right <= width for left, right in labels)
    background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(246, 247, 249)" if scheme == "light" else "rgb(15, 20, 27)")
    context.close()


@pytest.mark.browser
def test_no_label_of_an_axis_covers_another(browser: Any, files: dict[str, Path]) -> None:
    for width, name in product((1280, 390), ("ko", "big", "hours")):
        context = browser.new_context(viewport={"width": width, "height": 900})
        tab = context.new_page()
        tab.goto(files[name].as_uri())
        for plot in tab.locator("svg.plot").all():
            boxes = plot.locator("text:visible").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect()).map(o => [o.left, o.right, o.top, o.bottom])"
            )
            for index, one in enumerate(boxes):
                for two in boxes[index + 1 :]:
                    apart = one[1] <= two[0] or two[1] <= one[0] or one[3] <= two[2] + 1 or two[3] <= one[2] + 1
                    assert apart, (width, one, two)
        context.close()


@pytest.mark.browser
def test_a_dark_screen_prints_on_white(browser: Any, files: dict[str, Path]) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    tab = context.new_page()
    tab.goto(files["ko"].as_uri())
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(27, 36, 48)"
    tall = tab.locator(".tall").first
    assert tall.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    context.close()

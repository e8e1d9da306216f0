"""The commented `.env` template, made from the knobs themselves: `python -m config.template` writes `.env.example`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.knobs import KNOBS, SECTIONS, Knob, format_value
from config.texts import text

FILE_NAME = ".env.example"

# Account values in the order in which a person meets them; the rest of their names are aliases and database parts.
_ACCOUNTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("template.live", ("LIVE_TRADING_CONFIRM",)),
    ("template.upbit", ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY")),
    ("template.bithumb", ("BITHUMB_API_KEY", "BITHUMB_SECRET_KEY")),
    ("template.binance", ("BINANCE_API_KEY", "BINANCE_SECRET_KEY")),
    ("template.kis", ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT")),
    ("template.telegram", ("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID")),
    ("template.discord", ("DISCORD_WEBHOOK_URL", "DISCORD_BOT_TOKEN")),
    ("template.models", ("GEMINI_API_KEY", "OPENAI_API_KEY")),
    ("template.database", ("DATABASE_URL",)),
)


def env_template() -> str:
    """The whole template: Korean and English comments, account values blank, knobs commented out at defaults."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _comment("template.head")
    yield ""
    yield from _comment("template.accounts")
    for key, names in _ACCOUNTS:
        yield ""
        yield from _comment(key)
        yield from (f"{name}=" for name in names)
    yield ""
    yield from _comment("template.knobs")
    for section in SECTIONS:
        yield ""
        yield f"# ==== {text(f'settings.section_{section}', 'ko')} / {text(f'settings.section_{section}', 'en')} ===="
        for knob in KNOBS.values():
            if knob.section == section:
                yield ""
                yield from _knob(knob)


def _knob(knob: Knob) -> Iterator[str]:
    yield from _comment(f"knob.{knob.name}")
    facts = knob.allowed or "-"
    if knob.unit:
        facts += f" ({text(f'settings.unit_{knob.unit}', 'ko')} / {text(f'settings.unit_{knob.unit}', 'en')})"
    yield f"# {facts}" + (f"; 권장 / recommended: {knob.recommended}" if knob.recommended else "")
    yield f"#{knob.env_name}={format_value(knob, knob.default)}"


def _comment(key: str) -> Iterator[str]:
    for lang in ("ko", "en"):
        for line in text(key, lang).split("\n"):
            yield f"# {line}".rstrip()


def main() -> None:
    """Write the template beside the package, where first runs copy it from."""
    path = Path(__file__).resolve().parents[1] / FILE_NAME
    path.write_text(env_template(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

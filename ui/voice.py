"""The language of one look at the page: texts of the catalogue and figures in that language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from config.texts import Language, catalogue, text
from ui import figures
from ui.figures import Signed


@dataclass(frozen=True, slots=True)
class Voice:
    """Says everything in `lang`."""

    lang: Language

    def say(self, key: str, **values: object) -> str:
        """The dashboard's text `key` (without its area), filled. Raises KeyError for an unknown one."""
        return text(f"dashboard.{key}", self.lang, **values)

    def term(self, group: str, name: str) -> str:
        """The word for `name` of a group (gate, condition, reason, ...), the dashboard's own or that of the area
        `group`; the name itself where there is none."""
        return self.of(f"dashboard.{group}.{name}") or self.of(f"{group}.{name}", name)

    def of(self, key: str, otherwise: str = "") -> str:
        """A text of another area where the catalogue has it."""
        return text(key, self.lang) if key in catalogue() else otherwise

    def either(self, ko: str, en: str) -> str:
        """The one of two texts that the bot wrote in both languages."""
        return (ko if self.lang == "ko" else en) or ko or en

    def money(self, value: Decimal | None, currency: str) -> str:
        """See `figures.money`."""
        return figures.money(value, currency, self.lang)

    def price(self, value: Decimal | None, currency: str) -> str:
        """See `figures.price`."""
        return figures.price(value, currency, self.lang)

    def gain(self, value: Decimal | None, currency: str) -> Signed:
        """See `figures.gain`."""
        return figures.gain(value, currency, self.lang)

    def span(self, seconds: float | None) -> str:
        """See `figures.span`."""
        return figures.span(seconds, self.lang)

"""An account: free and locked amounts per asset, and the average price its coins were bought at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


class NotEnough(Exception):
    """An order needs more of an asset than is free."""

    def __init__(self, asset: str, needed: Decimal, free: Decimal) -> None:
        super().__init__(f"{needed} {asset} needed, {free} free")
        self.asset = asset


@dataclass(slots=True)
class Balance:
    """Amounts of one asset; `average_price` in the quote currency, without fees, 0 when nothing was ever bought."""

    free: Decimal = ZERO
    locked: Decimal = ZERO
    average_price: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Free and locked together."""
        return self.free + self.locked


@dataclass(slots=True)
class Account:
    """Balances by asset. No amount ever becomes negative: methods raise instead."""

    balances: dict[str, Balance] = field(default_factory=dict)

    def of(self, asset: str) -> Balance:
        """The balance of an asset, an empty one where there was none."""
        return self.balances.setdefault(asset, Balance())

    def deposit(self, asset: str, amount: Decimal, average_price: Decimal | None = None) -> None:
        """Adds to (or with a negative amount takes from) the free amount; the average price is kept unless given.

        Raises NotEnough when more is taken than is free.
        """
        balance = self.of(asset)
        if balance.free + amount < 0:
            raise NotEnough(asset, -amount, balance.free)
        balance.free += amount
        if average_price is not None:
            balance.average_price = average_price

    def lock(self, asset: str, amount: Decimal) -> None:
        """Moves free to locked. Raises NotEnough."""
        balance = self.of(asset)
        if amount > balance.free:
            raise NotEnough(asset, amount, balance.free)
        balance.free -= amount
        balance.locked += amount

    def unlock(self, asset: str, amount: Decimal) -> None:
        """Moves locked back to free. Raises ValueError when less is locked."""
        self.spend(asset, amount)
        self.of(asset).free += amount

    def spend(self, asset: str, amount: Decimal) -> None:
        """Takes from locked. Raises ValueError when less is locked: that would be a defect of the matching."""
        balance = self.of(asset)
        if amount > balance.locked:
            raise ValueError(f"{amount} {asset} to spend but only {balance.locked} locked")
        balance.locked -= amount

    def receive_bought(self, asset: str, quantity: Decimal, price: Decimal) -> None:
        """Adds bought coins and moves the average price (8 decimals)."""
        balance = self.of(asset)
        value = balance.total * balance.average_price + quantity * price
        balance.free += quantity
        balance.average_price = (value / balance.total).quantize(Decimal("1e-8"))

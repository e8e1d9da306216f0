"""Arrays by their address, for compiled code: one type for any number of symbols, and nothing is copied."""

from __future__ import annotations

from typing import Any

from numba import carray, types
from numba.extending import intrinsic


def _pointer_to(kind: Any) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def pointer(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.int64), generate

    return pointer


_floats = _pointer_to(types.float64)
_integers = _pointer_to(types.int64)
_flags = _pointer_to(types.boolean)


def floats(address: int, length: int) -> Any:
    """float64 (length,) at `address`."""
    return carray(_floats(address), (length,))


def integers(address: int, length: int) -> Any:
    """int64 (length,) at `address`."""
    return carray(_integers(address), (length,))


def flags(address: int, length: int) -> Any:
    """bool (length,) at `address`."""
    return carray(_flags(address), (length,))


def table(address: int, rows: int, columns: int) -> Any:
    """float64 (rows, columns) at `address`; an address of 0 goes with no rows."""
    return carray(_floats(address), (rows, columns))

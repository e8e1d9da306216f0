"""A local exchange that speaks the venues' wire protocols over loopback HTTP and WebSocket.

Underneath is one market (a seeded or a replayed feed) with books, accounts and matching that know no venue;
a venue is one folder in `dialects/` that only translates. It shares no code with the adapters it tests.

    python -m exchanges.simulator [--seed 7] [--speed 10] [--replay FILE --symbol KRW-BTC]... [--state FILE]

prints one JSON line with all addresses when it is ready. The admin address takes and gives JSON:
    GET  /ready                 the ready line again, and which market this is
    GET  /truth[?since=SEQ]     orders, fills, balances, prices, requests: what really happened
    GET  /clock, POST /clock    {"pause": true} {"run": true} {"speed": 60} {"by_ms": 60000} {"to_ms": ...}
                                {"skew_ms": 5000}: the venues' wall clocks run ahead
    POST /market                {"market": "KRW-BTC", "price" | "tick" | "depth" | "halt" | "warn" | "caution" |
                                "offline" | "delist": ...}; {"offline": true} alone: the whole venue
    POST /account               {"deposit": {asset: amount}, "set": {...}, "average_price": {...},
                                "trade": {"market", "side", "amount" | "quantity"}}: the owner's own doings
    GET  /keys, POST /keys      API keys: {"access_key", "secret", "scopes", "addresses", "expires_ms", "remove"}
    GET  /options, POST         the dialect's switches, rate limits, a block
    GET  /faults, POST /faults  {"rules": [...], "seed": 1}: see `faults`
POST bodies may name a "venue"; default is the first one. A wrong command answers 400 with the reason.
The state file keeps market, orders, balances and used client ids; keys, options, faults and the log of requests are
those of the running process.
"""

"""A local exchange that speaks the venues' wire protocols over loopback HTTP and WebSocket.

Underneath is one market (a seeded or a replayed feed) with books, accounts and matching that know no venue;
a venue is one folder in `dialects/` that only translates. It shares no code with the adapters it tests.
"""

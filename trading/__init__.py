"""Deciding, executing, recording and simulating trades. Owns the ports that `exchanges` and `models` implement."""

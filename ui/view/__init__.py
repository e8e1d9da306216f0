"""What the screens show, worked out of a snapshot: pure functions, no screen library."""

"""Ways to keep Haetae running: the demo of one command, and units for systemd."""

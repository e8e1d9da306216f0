"""Ways to keep Haetae running: the demo of one command, units for systemd, pages made from the program."""

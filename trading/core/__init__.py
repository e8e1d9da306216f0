"""Pure core: no clock, no network, no file, no randomness. Plain functions on scalars, frozen values, and the ports."""

"""The edge towards venues: a folder per venue behind `trading.core.ports.Venue`, and a local simulator of them all."""

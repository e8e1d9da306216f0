"""The edge towards venues: one folder per venue behind `trading.core.ports.Venue`, and a local simulator that speaks their protocols."""

"""Upbit's wire protocol: REST quotation and exchange, public and private WebSocket."""

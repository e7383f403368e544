"""Signatures by officials: made, verified, and the certificates behind them."""

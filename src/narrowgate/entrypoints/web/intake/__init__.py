"""The intake: packages come in and sealed answers go out, over mutual TLS; it holds no key, no index and no state."""

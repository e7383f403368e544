"""HTTP over mutual TLS: the server loop that knows its peer's certificate, and the client of the intake."""

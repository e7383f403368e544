"""``narrowgate serve inspect``: a bundle, a world or a log in a browser, read-only; every page names its command."""

"""What every room of the core builds upon: errors, canonical JSON, closed documents, keyed digests and streams."""

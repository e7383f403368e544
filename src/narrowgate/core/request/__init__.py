"""What the requester sends: items, the manifest over them, and their canonical bytes."""

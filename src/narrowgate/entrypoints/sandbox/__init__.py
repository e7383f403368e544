"""A whole world on one machine with throw-away keys: both agencies, the gate, an officer and an inspector."""

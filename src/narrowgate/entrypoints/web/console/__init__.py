"""The custodian's console: what is in force, what waits, and the acts of its officers; no row and no outcome."""

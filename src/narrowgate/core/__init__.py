"""Values in, values out: nothing here reads a file, a clock, a socket or a source of randomness."""

"""From an address as written to its parts, in the terms of USPS Publication 28."""

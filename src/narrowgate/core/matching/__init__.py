"""From identity and delivery point to tokens, and which of them one item may ask for."""

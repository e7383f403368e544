"""What earlier questions leave to ask: budgets, and the keyed digests under which they are kept."""

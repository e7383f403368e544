"""What the gate remembers between packages, in SQL: receipts, quotas, holds, budgets."""

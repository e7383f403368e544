"""What the custodian's officers put in force: the charter, the acts, and what follows from their sequence."""

"""One revision for each schema, in order; a revision never changes once a version with it is published."""

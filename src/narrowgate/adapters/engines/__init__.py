"""The engines of the confirmation index: each builds it and answers from it, with the same bytes."""

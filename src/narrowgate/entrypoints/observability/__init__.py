"""What a service tells of itself: one line a request or step, numbers, and whether it is well; never of a person."""

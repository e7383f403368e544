"""What the requester does before a package leaves: look at it, and find what the gate would refuse."""

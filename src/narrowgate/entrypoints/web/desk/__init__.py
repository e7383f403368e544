"""The requester's desk: case files, packages and answers on the own machine of an analyst, an official, an officer."""

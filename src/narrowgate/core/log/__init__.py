"""The log: leaves, Merkle tree, tiles, checkpoints, proofs; no file is touched here."""

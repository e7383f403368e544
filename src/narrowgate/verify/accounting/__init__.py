"""The accounting of disclosures, recomputed from a log and from openings: counted, protected, written out."""

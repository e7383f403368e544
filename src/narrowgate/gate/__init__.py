"""The thirteen steps of one package, one module each, talking to ports only.

| step | module | from | to |
| --- | --- | --- | --- |
| 1 | ``step_01_envelope`` | files | ``RawPackage`` |
| 2 | ``step_02_signature`` | ``RawPackage`` | ``AuthenticatedPackage`` |
| 3 | ``step_03_replay`` | ``AuthenticatedPackage`` | stored receipt, or go on |
| 4 | ``step_04_agreement`` | ``AuthenticatedPackage`` | ``PermittedPackage``, or refused whole |
| 5 | ``step_05_receive`` | ``PermittedPackage`` | ``LoggedPackage`` |
| 6 | ``step_06_eligibility`` | ``LoggedPackage`` | examined batches |
| 7 | ``step_07_history`` | examined batches | more findings |
| 8 | ``step_08_tokens`` | admitted items | questions |
| 9 | ``step_09_probe`` | questions | bits: the only read of the index |
| 10 | ``step_10_decide`` | findings and bits | outcomes |
| 11 | ``step_11_seal`` | decided package | sealed answers, staged |
| 12 | ``step_12_log`` | outcomes and the digest of the seals | durable leaves, signed checkpoint |
| 13 | ``step_13_release`` | staged answers and their proof | answers in place, receipt |

``run`` walks them in this order; steps 8 and 9 take turns, group by group.
"""

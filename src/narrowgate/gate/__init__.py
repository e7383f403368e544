"""The twelve steps of one package, one module each, talking to ports only.

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
| 11 | ``step_11_log`` | outcomes | durable leaves, signed checkpoint |
| 12 | ``step_12_release`` | decided package | sealed answers, receipt |

``run`` walks them in this order.
"""

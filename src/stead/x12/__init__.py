"""Read and write the X12 5010 health care transactions: pure Python, knows nothing of Stead or Django.

From the bytes up: `tokenizer` cuts segments, `envelope` proves ISA/GS/ST, one module per transaction gives typed
records both ways (`claim837p`, `ack999`, `ack277ca`, `remit835`, `eligibility`), and beside them stand `scrub` (what a
claim must satisfy before it leaves), `terms` (our words for the codes) and `queues` (who works a denial).
Source: ASC X12 005010X222A1, X231A1, X214, X221A1, X279A1; no text of the guides is reproduced.
"""

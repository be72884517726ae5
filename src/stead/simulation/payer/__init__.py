"""The sandbox payer: a clearinghouse and its payers behind one mailbox, made of rules that are written down.

    SandboxPayer(folder).run(at)        # reads folder/outbound, writes folder/inbound

It reads what we sent through the same X12 readers a payer would need, and knows nothing of our database. The same
files, seed and moments give the same answers, byte for byte. What it says about a person depends on the last
character of the member number (`members`), what it pays on the claim and the seed (`verdicts`), when on `Pace`.
"""

from stead.simulation.payer.desk import Pace, SandboxPayer

__all__ = ["Pace", "SandboxPayer"]

"""The page Today, one per role: what each person's work looks like this minute, in a fixed number of queries."""

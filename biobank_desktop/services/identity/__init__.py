"""The identity store at work: who may open it, who a donor is, and whether the two databases agree."""

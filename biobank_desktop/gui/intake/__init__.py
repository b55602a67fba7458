"""Receiving a tube: from its scan to labelled, filled vials in their box."""

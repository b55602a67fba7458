"""The identity store: who a donor is, sealed, apart from the database of the biobank."""

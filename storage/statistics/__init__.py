"""Statistics: the catalogue of kinds, the raw records, the rollups per day, and what is asked of them."""

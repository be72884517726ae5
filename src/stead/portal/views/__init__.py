"""Pages of the signed-in patient, one module per place in the bottom bar."""

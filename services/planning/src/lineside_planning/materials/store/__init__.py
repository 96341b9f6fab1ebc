"""Every query of materials is here."""

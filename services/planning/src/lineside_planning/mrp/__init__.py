"""Material requirements planning for the whole plant: regeneration, net change, pegging."""

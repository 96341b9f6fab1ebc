"""Materials of one order: stock, allocation, requisitions, consumption."""

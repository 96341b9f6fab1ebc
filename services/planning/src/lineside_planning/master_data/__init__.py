"""Master data of planning: tenants, units, products, bills of material, vendors, calendars."""

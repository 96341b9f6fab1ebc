"""Events in: orders, runs, progress, materials, and the master data that capacity depends on."""

"""`lineside verify`: what a deployment must be, checked on the running one."""

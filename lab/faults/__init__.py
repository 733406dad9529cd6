"""The fault run: kills the service and breaks its dependencies under traffic, then checks every promise. `make faults` runs it."""

"""Laboratory: fault run, benchmarks, soak test, and figures of the code. Not in the wheel; the product imports nothing from it."""

"""Laboratory: fault run, benchmarks, soak, and figures of the code. Outside the wheel; nothing in the product imports it."""

"""What openHAB's Python Scripting gives a script before it runs: the module `scope`."""

import sys
import types

import polyglot

given = polyglot.import_value("scope")
scope = types.ModuleType("scope")
scope.__dict__["osgi"] = types.SimpleNamespace(bundleContext=given.get("osgi").get("bundleContext"))
for name in ("actions", "rules", "lifecycleTracker"):
    scope.__dict__[name] = given.get(name)
sys.modules["scope"] = scope

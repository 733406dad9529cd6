#!/bin/sh
# Installs HABApp, as it is pinned, into .venv-habapp for its test; it needs other versions than the service, so it has its own environment.
cd "$(dirname "$0")/.." || exit 1
venv=.venv-habapp
cmp -s tools/habapp.lock "$venv/.installed" && exit 0
echo "Installing HABApp from the package index into $venv, for its test."
"${PYTHON:-python3}" -m venv "$venv" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/habapp.lock &&
    cp tools/habapp.lock "$venv/.installed" && exit 0
echo "HABApp was not installed: the package index does not answer. Its test is skipped." >&2
exit 1

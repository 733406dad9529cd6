"""Ports for servers of the sandbox."""

from __future__ import annotations

from twilio_binding.sandbox.ports import free_port


def test_no_port_is_given_twice() -> None:
    """Who asks for several ports before a server listens gets different ones."""
    ports = [free_port() for _ in range(400)]
    assert len(set(ports)) == len(ports)

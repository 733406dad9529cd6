"""Stand-ins for openHAB and for Twilio: a place to try rules and menus, and the test bed."""

"""The actions of things as openHAB's rules call them."""

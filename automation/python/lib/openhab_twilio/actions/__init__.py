"""The actions of a phone as openHAB's rules call them."""

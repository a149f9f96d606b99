"""The tenant register: institutions and the districts they lie in."""

"""Signing through the card vendor's PKCS#11 module, which only a child process ever loads."""

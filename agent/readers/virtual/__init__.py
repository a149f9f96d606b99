"""Virtual cards in process, down to the APDU: for the demo and the tests."""

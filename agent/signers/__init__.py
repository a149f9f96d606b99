"""How a card with key and PIN signs: by plain commands (`piv`) or its vendor's module (`pkcs11`)."""

"""One card transaction from its start to the browser's return (docs/reference/card-protocol.md)."""

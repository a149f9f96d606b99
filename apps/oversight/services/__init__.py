"""What oversight does: searching, exporting, reviewing."""

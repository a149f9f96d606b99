"""One module for each tab of manual 3; a further module is a further tab."""

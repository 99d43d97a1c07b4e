"""Reports as a browser shows them; a package, so that one browser serves all its tests."""

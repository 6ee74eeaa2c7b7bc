"""What all HTML pages have in common: one file, no network, readable in the dark, on paper and by a screen reader."""

"""One folder per venue: each translates the neutral exchange to that venue's wire protocol and back."""

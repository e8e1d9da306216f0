"""The screens: what draws the views."""

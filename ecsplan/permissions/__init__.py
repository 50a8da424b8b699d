"""The smallest RAM policy that a plan needs. Pure; needs the model alone."""

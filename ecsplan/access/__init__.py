"""Who can reach what: the rules of security groups, evaluated as the cloud does. Pure; needs the model alone."""

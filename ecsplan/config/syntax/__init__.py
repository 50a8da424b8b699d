"""YAML text of several files to one mapping of nodes that know where they are written. The lowest room of config/."""

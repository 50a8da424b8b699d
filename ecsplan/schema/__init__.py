"""Documents held against their JSON Schemas (Draft 2020-12): the only user of jsonschema."""

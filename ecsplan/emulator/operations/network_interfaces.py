"""Network interfaces; here the tag type only, the actions follow."""

TAGGABLE = {("ecs", "eni"): "eni"}

"""The resource-provider layer: all that is asked of a cloud. protocol.py says what, alibaba.py is the one there is."""

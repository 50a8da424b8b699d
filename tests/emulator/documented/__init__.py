"""What the documents and recorded answers of the real service say, held against the emulator.

Each test names its source: the action, and the page of the API reference, a recorded answer, or the official Terraform
provider, which is in daily use against the real service.
"""

"""The wire contract: messages and stubs. Made by generate.sh from proto/penstock/v1."""

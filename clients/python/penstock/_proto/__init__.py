"""Made by generate.sh from proto/penstock/v1."""

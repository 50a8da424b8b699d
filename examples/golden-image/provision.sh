#!/bin/sh
# Runs once, at the first start of the builder.
set -eu
apt-get update
apt-get install --yes nginx
systemctl enable nginx
cloud-init clean --logs --seed

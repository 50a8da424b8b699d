#!/bin/sh
# Run once, at the first start of a web server.
set -eu
apt-get update
apt-get install --yes nginx
echo "database=${instance.database.private_ip}" > /etc/shop.conf

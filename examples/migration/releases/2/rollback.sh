#!/bin/sh
# Runs in this release's folder on each host that leaves it for an older one, before `current` moves.
echo "leaving $FLEET_FROM for $FLEET_RELEASE" >>db/rollbacks

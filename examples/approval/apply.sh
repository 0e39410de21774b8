#!/bin/sh
# The second job, after a person has approved it: carries out that plan and no other one. Run it in a
# checkout of the same commit, with plan.json from the first job.
set -eu

fleet apply plan.json --yes --json --lock-wait 10m >result.json

#!/bin/sh
# The first job: makes the plan of a deploy, for a person to read. It changes nothing on any host.
# Keep plan.json and plan.txt as artifacts of the job.
set -eu

fleet plan deploy -g "${GROUP:-prod}" --reason "${REASON:-}" --out plan.json >plan.txt
cat plan.txt

#!/bin/sh
# hostname of a practice host.
host=${0%/bin/*}
echo "${host##*/}"

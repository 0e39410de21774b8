#!/bin/sh
# df of a practice host whose disk is full: the real figures with nothing left.
PATH=/usr/local/bin:/usr/bin:/bin df "$@" | awk '
  NR == 1 { print; next }
  NF == 1 { print 0; next }
  { $3 = $2; $4 = 0; $5 = "100%"; print }'

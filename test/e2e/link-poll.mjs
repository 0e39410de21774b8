// Reads one link without a pause until its stdin ends, then prints what it saw as JSON:
// usage: node link-poll.mjs LINK
import { readlinkSync, statSync } from 'node:fs';

const link = process.argv[2] ?? '';
const seen = { reads: 0, absent: 0, broken: 0, changes: 0, targets: [] };
const targets = new Set();
let over = false;
let before = '';

process.stdin.resume().on('end', () => {
  over = true;
});

function poll() {
  for (let round = 0; round < 2_000; round++) look();
  if (!over) return void setImmediate(poll);
  process.stdout.write(JSON.stringify({ ...seen, targets: [...targets].sort() }));
}

function look() {
  seen.reads++;
  try {
    const target = readlinkSync(link);
    if (target !== before) seen.changes++;
    before = target;
    targets.add(target);
  } catch {
    seen.absent++;
    return;
  }
  // Through the link, whatever it is by now: what it names is whole.
  if (statSync(`${link}/version.json`, { throwIfNoEntry: false }) === undefined) seen.broken++;
}

process.stdout.write('\n');
poll();

import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const CLOSER = new URL('support/history-closer.ts', import.meta.url).pathname;

/** A network and a name server of its own: one that takes each question and never answers. */
const SILENT = `
ip link set lo up
mount -t tmpfs tmpfs /mnt
d=/mnt
echo 'nameserver 127.0.0.1' >$d/resolv.conf
echo 'hosts: dns' >$d/nsswitch.conf
mount --bind $d/resolv.conf /etc/resolv.conf
mount --bind $d/nsswitch.conf /etc/nsswitch.conf
exec "$@"`;

const inside = (...words: readonly string[]) =>
  ['-rmn', 'sh', '-euc', SILENT, 'sh', process.execPath, ...words] as const;

function canHaveOwn(): boolean {
  return spawnSync('unshare', inside('--version'), { stdio: 'ignore' }).status === 0;
}

test.runIf(canHaveOwn()).each([['postgres'], ['mysql'], ['redis']])(
  'a name server that never answers does not hold up the exit of a process with a history in %s',
  (scheme) => {
    const url = `${scheme}://fleet:secret@db.example.com/${scheme === 'redis' ? '0' : 'fleet'}?insecure=1`;
    const words = inside('--import', 'tsx', CLOSER, url);
    const said = execFileSync('unshare', words, { encoding: 'utf8', timeout: 30_000 });
    const { waited, closedAt } = JSON.parse(said);
    expect(waited).toBe('for the name server');
    expect(Date.now() - closedAt).toBeLessThan(2_000);
  },
  60_000,
);

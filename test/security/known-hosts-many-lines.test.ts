import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKnownHostsSearch } from '../../src/transport/known-hosts/search.js';
import { createKnownHostsStore } from '../../src/transport/known-hosts/store.js';
import {
  connected,
  hostAt,
  publicBlob,
  refused,
  sharedHostKey,
  startServer,
  temporaryFolder,
} from '../transport/support/ssh-server.js';
import { leastHeld, MOST_HELD_MS } from './support/held-loop.js';

const LINES = 200_000;
const LAST = `web${LINES / 2 - 1}.example.com`;
const ED25519 = publicBlob(sharedHostKey);

const NAMES = {
  plain: (name: string) => name,
  hashed: (name: string) => {
    const salt = randomBytes(20);
    const hash = createHmac('sha1', salt).update(name).digest('base64');
    return `|1|${salt.toString('base64')}|${hash}`;
  },
  patterns: (name: string) => `${name},*.${name}`,
} as const;

/** A file of so many hosts, each with a key of its own, and then `more`. */
function manyLines(kind: keyof typeof NAMES, { count = LINES, more = '' } = {}): string {
  const file = join(temporaryFolder(), 'known_hosts');
  const keys = randomBytes(32 * count);
  const lines = Array.from({ length: count }, (_, at) => {
    const key = Buffer.concat([ED25519.subarray(0, 19), keys.subarray(32 * at, 32 * at + 32)]);
    return `${NAMES[kind](`web${at}.example.com`)} ssh-ed25519 ${key.toString('base64')}`;
  });
  writeFileSync(file, `${lines.join('\n')}\n${more}`);
  return file;
}

describe('a known_hosts of 200,000 lines', () => {
  test('knows the host of its last line', async () => {
    const server = await startServer();
    const host = hostAt(server.port);
    const line = `[127.0.0.1]:${server.port} ${sharedHostKey.publicLine}\n`;
    const ssh = { ...host.ssh, knownHosts: [manyLines('plain', { more: line })] };
    expect((await connected({ ...host, ssh })).open).toBe(true);
  }, 60_000);

  test.each(['plain', 'hashed', 'patterns'] as const)(
    'blocks the loop neither when it is read nor when an unknown server shows a key: %s',
    async (kind) => {
      // A hash takes longer to make than to look at.
      const file = manyLines(kind, { count: kind === 'hashed' ? LINES / 2 : LINES });
      const server = await startServer();
      const host = hostAt(server.port);
      const stranger = {
        ...host,
        ssh: { ...host.ssh, knownHosts: [file], connectTimeoutMs: 20_000 },
      };
      const held = await leastHeld(async () => {
        expect(await refused(stranger)).toMatchObject({ code: 'host_key_unknown' });
        const changed = { ...stranger, ssh: { ...stranger.ssh, hostKeyAlias: LAST } };
        expect(await refused(changed)).toMatchObject({ code: 'host_key_changed' });
      });
      expect(held).toBeLessThan(MOST_HELD_MS);
    },
    240_000,
  );

  test('is not searched any further once the command is interrupted', async () => {
    const known = await createKnownHostsStore().open([manyLines('hashed', { count: 5000 })]);
    const interrupt = new AbortController();
    const place = { address: 'stranger.example.org', port: 22 };
    const searching = createKnownHostsSearch()(known, place, interrupt.signal);
    interrupt.abort();
    await searching;
    expect(known.search(place.address, place.port, 1)).toBe(1);
  }, 60_000);
});

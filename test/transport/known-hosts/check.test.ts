import { expect, test } from 'vitest';
import { createHostKeyCheck } from '../../../src/transport/known-hosts/check.js';
import { indexKnownHosts } from '../../../src/transport/known-hosts/known-hosts.js';
import { parseKnownHosts } from '../../../src/transport/known-hosts/line.js';
import { NONE_REVOKED } from '../../../src/transport/known-hosts/revoked-keys.js';
import { createKnownHostsStore } from '../../../src/transport/known-hosts/store.js';
import { hostFixture } from '../../fixtures/host.js';
import { makeKey, publicBlob } from '../support/ssh-server.js';

const [one, two] = [makeKey(), makeKey()];

test('the key that was accepted is the only one that the connection takes', () => {
  const lines = [`web1 ${one.publicLine}`, `web1 ${two.publicLine}`];
  const known = indexKnownHosts(parseKnownHosts(lines.join('\n'), 'known_hosts'));
  const check = createHostKeyCheck(hostFixture('web1'), {
    known,
    revoked: NONE_REVOKED,
    store: createKnownHostsStore(),
  });
  expect(check.present(publicBlob(one))).toBeNull();
  expect(check.present(publicBlob(one))).toBeNull();
  // Recorded as well, but a key exchange in the middle is to be with the same server.
  expect(check.present(publicBlob(two))).toMatchObject({ code: 'host_key_changed' });
});

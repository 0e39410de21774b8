import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasSsh, homeOf, learn, valuesIn } from '../support/ssh-config-stage.js';

const HOSTS = ['web1', 'web2', 'WEB1', 'db1', '10.0.0.1', 'a.b.c'];

const pattern = fc.constantFrom(
  '*',
  'web*',
  'web?',
  'web1',
  '!web2',
  '!*1',
  '10.0.*',
  '?b1',
  'a.*',
);
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));
const line = fc.constantFrom(
  'HostName 10.9.9.9',
  'HostName db1',
  'HostName %h.internal',
  'User deploy',
  'user = root2',
  'Port 2222',
  'Port=2223 # odd',
  'IdentityFile ~/.ssh/a',
  'IdentityFile "/tmp/my key"',
  'IdentityFile ~/.ssh/%h',
  'IdentitiesOnly yes',
  'IdentityAgent none',
  'ProxyJump edge1,edge2:2022',
  'ProxyJump none',
  'ProxyCommand nc %h %p',
  'UserKnownHostsFile /tmp/kh1 "/tmp/kh 2"',
  'UserKnownHostsFile /tmp/kh_%h',
  'GlobalKnownHostsFile /tmp/kh3',
  'HostKeyAlias fleet',
  'StrictHostKeyChecking accept-new',
  'StrictHostKeyChecking off',
  'ConnectTimeout 1m30s',
  'ServerAliveInterval 7',
  'ServerAliveCountMax 5',
  'ForwardAgent yes',
  '# Port 1',
);
const lines = fc.array(line, { maxLength: 4 });
const configWith = (section: fc.Arbitrary<string>) =>
  fc
    .tuple(lines, fc.array(fc.tuple(section, lines), { maxLength: 4 }))
    .map(([top, sections]) =>
      [...top, ...sections.flatMap(([head, body]) => [head, ...body.map((each) => `  ${each}`)])]
        .join('\n')
        .concat('\n'),
    );

const hostSection = patterns.map((list) => `Host ${list}`);
const fixedMatch = fc.constantFrom(
  'Match all',
  'Match final',
  'Match canonical all',
  'Match !final',
);
const runs = { numRuns: 40 };

async function valuesFor(home: string, hosts: readonly string[]) {
  return (await learn(home, hosts)).map(valuesIn);
}

describe.skipIf(!hasSsh)('hosts that share an answer', () => {
  test('get what ssh says of each', async () => {
    const config = configWith(fc.oneof(hostSection, hostSection, fixedMatch));
    const holds = fc.asyncProperty(config, async (text) => {
      const home = await homeOf({ '.ssh/config': text });
      const alone = await Promise.all(HOSTS.map((host) => valuesFor(home, [host])));
      expect(await valuesFor(home, HOSTS)).toEqual(alone.flat());
    });
    await fc.assert(holds, runs);
  }, 120_000);
});

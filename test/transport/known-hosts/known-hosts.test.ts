import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexKnownHosts, recordedName } from '../../../src/transport/known-hosts/known-hosts.js';
import { parseKnownHosts } from '../../../src/transport/known-hosts/line.js';
import { makeKey, publicBlob, temporaryFolder } from '../support/ssh-server.js';

const one = makeKey();
const two = makeKey();
const rsa = makeKey('rsa');
const index = (...lines: string[]) => indexKnownHosts(parseKnownHosts(lines.join('\n'), 'kh'));
const hashed = (name: string, salt = Buffer.alloc(20, 7)) =>
  `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
const kindOf = (known: ReturnType<typeof index>, address: string, port = 22, key = one) =>
  known.judge(address, port, publicBlob(key)).kind;

describe('a known_hosts file', () => {
  test.each([
    ['a plain name', `web1 ${one.publicLine}`, 'web1', 22],
    ['one name of several', `web1,web2,10.0.0.1 ${one.publicLine}`, '10.0.0.1', 22],
    ['a name in another case', `Web1 ${one.publicLine}`, 'wEB1', 22],
    ['a name with a port', `[web1]:2222 ${one.publicLine}`, 'web1', 2222],
    ['a name without a port, on another port', `web1 ${one.publicLine}`, 'web1', 2222],
    ['an IPv6 address', `::1 ${one.publicLine}`, '::1', 22],
    ['a hashed name', `${hashed('web1')} ${one.publicLine}`, 'web1', 22],
    ['a hashed name with a port', `${hashed('[web1]:22022')} ${one.publicLine}`, 'web1', 22022],
    ['a star', `*.example.com ${one.publicLine}`, 'a.b.example.com', 22],
    ['a question mark', `web? ${one.publicLine}`, 'web7', 22],
    ['a pattern with a port', `[web*]:2222 ${one.publicLine}`, 'web7', 2222],
    ['tabs, blanks before and a comment after', `  web1\t${one.publicLine} me@here`, 'web1', 22],
    ['a carriage return', `web1 ${one.publicLine}\r`, 'web1', 22],
  ])('knows a host by %s', (_what, line, address, port) => {
    expect(kindOf(index(line), address, port)).toBe('known');
  });

  test.each([
    ['another name', `web1 ${one.publicLine}`, 'web2', 22],
    ['a name that has a port there', `[web1]:2222 ${one.publicLine}`, 'web1', 22],
    ['a negated name', `*,!web1 ${one.publicLine}`, 'web1', 22],
    ['nothing but a negation', `!web1 ${one.publicLine}`, 'web2', 22],
    ['a certificate authority', `@cert-authority * ${one.publicLine}`, 'web1', 22],
    ['a marker that is not known', `@other web1 ${one.publicLine}`, 'web1', 22],
    ['a comment', `# web1 ${one.publicLine}`, 'web1', 22],
    ['a key that is none', 'web1 ssh-ed25519 AAAA', 'web1', 22],
    [
      'a key of another type than it says',
      `web1 ${one.publicLine.replace('ssh-ed25519', 'ssh-rsa')}`,
      'web1',
      22,
    ],
    ['an old SSH 1 line', 'web1 1024 35 1234567890', 'web1', 22],
    [
      'a hash of another kind',
      `${hashed('web1').replace('|1|', '|2|')} ${one.publicLine}`,
      'web1',
      22,
    ],
    ['half a line', 'web1', 'web1', 22],
    ['another key without a port, on another port', `web1 ${two.publicLine}`, 'web1', 2222],
  ])('does not know a host by %s', (_what, line, address, port) => {
    expect(kindOf(index(line), address, port)).toBe('unknown');
  });

  test('passes over what it does not understand and reads on', () => {
    const known = index(
      '',
      '\0\xff garbage',
      '@cert-authority * x',
      '|1|bad',
      `web1 ${one.publicLine}`,
    );
    expect(kindOf(known, 'web1')).toBe('known');
  });

  test('tells a changed key and where the others stand', () => {
    const known = index(`web1 ${one.publicLine}`, '# gap', `${hashed('web1')} ${rsa.publicLine}`);
    expect(known.judge('web1', 22, publicBlob(two))).toMatchObject({
      kind: 'changed',
      recorded: [
        { file: 'kh', line: 1 },
        { file: 'kh', line: 3 },
      ],
    });
  });

  test('lets a revoked key pass nowhere, also where it is recorded, and says where', () => {
    const known = index(`web1 ${one.publicLine}`, `@revoked * ${one.publicLine}`);
    expect(known.judge('web1', 22, publicBlob(one))).toMatchObject({
      kind: 'revoked',
      by: { line: 2 },
    });
    expect(kindOf(known, 'web1', 2222)).toBe('revoked');
  });

  test('does not take another key revoked for a recorded one', () => {
    expect(kindOf(index(`@revoked * ${two.publicLine}`), 'web1')).toBe('unknown');
  });

  test('tells the recorded types, plain or hashed', () => {
    expect([...index(`web1 ${rsa.publicLine}`).typesFor('web1', 22)]).toEqual(['ssh-rsa']);
    expect([...index(`${hashed('web1')} ${rsa.publicLine}`).typesFor('web1', 22)]).toEqual([
      'ssh-rsa',
    ]);
    expect([...index(`web1 ${rsa.publicLine}`).typesFor('web1', 2222)]).toEqual(['ssh-rsa']);
    expect([...index(`@revoked web1 ${rsa.publicLine}`).typesFor('web1', 22)]).toEqual([]);
  });

  test.each(['plain', 'hashed'])(
    'answers four times the hosts from four times the lines in about four times the time, %s',
    (kind) => {
      const took = (count: number): number => {
        const names = Array.from({ length: count }, (_, at) => `web${at}.example.com`);
        const nameIn = (name: string, at: number): string =>
          kind === 'plain' ? name : hashed(name, Buffer.alloc(20, at));
        const known = index(...names.map((name, at) => `${nameIn(name, at)} ${one.publicLine}`));
        const started = performance.now();
        for (const name of names) expect(known.typesFor(name, 22).size).toBe(1);
        for (const name of names) expect(kindOf(known, name)).toBe('known');
        return performance.now() - started;
      };
      // Sixteen times is what a look at every line for every host would take.
      const small = Math.max(took(750), took(750));
      expect(took(3000)).toBeLessThan(10 * small);
    },
  );
});

const sshKeygen = '/usr/bin/ssh-keygen';

describe.skipIf(!existsSync(sshKeygen))('beside ssh-keygen -F', () => {
  test('finds the same hosts', () => {
    const file = join(temporaryFolder(), 'kh');
    const part = fc.string({
      unit: fc.constantFrom('a', 'b', '.', '*', '?'),
      minLength: 1,
      maxLength: 5,
    });
    const pattern = fc.tuple(fc.constantFrom('', '', '!'), part).map((pieces) => pieces.join(''));
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 4 });
    const plainOrHashed = fc.oneof(
      fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => patterns.join(',')),
      name.map((text) => hashed(text)),
    );
    fc.assert(
      fc.property(
        fc.array(plainOrHashed, { minLength: 1, maxLength: 4 }),
        name,
        (hosts, wanted) => {
          const lines = hosts.map((names) => `${names} ${one.publicLine}`);
          writeFileSync(file, `${lines.join('\n')}\n`);
          const known = indexKnownHosts(parseKnownHosts(lines.join('\n'), file));
          expect(kindOf(known, wanted) === 'known').toBe(
            foundBySsh(file, recordedName(wanted, 22)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

function foundBySsh(file: string, name: string): boolean {
  try {
    return execFileSync(sshKeygen, ['-F', name, '-f', file], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
}

import { describe, expect, test } from 'vitest';
import type { HostFailure } from '../../../src/errors/host-failure.js';
import { causesOf, type Finding } from '../../../src/model/runs/alike.js';

const found = (host: string, failure: Partial<HostFailure>): Finding => ({
  host,
  failure: { code: 'auth_failed', message: '', ...failure },
});

const textOf = (findings: readonly Finding[]) =>
  causesOf(findings).map(({ hosts, message, hint }) => [hosts.join(' '), message, hint]);

describe('causes', () => {
  test('that differ in the address of the host alone are one, in words for all of them', () => {
    const refused = (host: string, place: string) =>
      found(host, {
        place,
        message: `deploy@${place} refused every key`,
        hint: `try: ssh deploy@${place.replace(/:22$/, '')}`,
      });
    expect(textOf([refused('web1', '10.0.0.1:22'), refused('web10', '10.0.0.10:22')])).toEqual([
      ['web1 web10', 'the host refused every key', 'try: ssh the host'],
    ]);
    expect(textOf([refused('web1', '10.0.0.1:22')])).toEqual([
      ['web1', 'deploy@10.0.0.1:22 refused every key', 'try: ssh deploy@10.0.0.1'],
    ]);
  });

  test('that differ in amounts and fingerprints are one, in the words of the first', () => {
    const full = (host: string, mib: number) =>
      found(host, { code: 'disk_full', message: `${mib} MiB free under /opt/shop, 65 MiB needed` });
    expect(textOf([full('web1', 3), full('web2', 12)])).toEqual([
      [
        'web1 web2',
        '3 MiB free under /opt/shop, 65 MiB needed (web1; the same on the others)',
        undefined,
      ],
    ]);
    const key = (host: string, print: string) =>
      found(host, { code: 'host_key_unknown', message: `it presents ssh-ed25519 SHA256:${print}` });
    expect(causesOf([key('web1', 'aB+/c'), key('web2', 'Zz09')])).toHaveLength(1);
  });

  test('of other words, codes, runs or steps stay apart', () => {
    const held = (host: string, run: string) =>
      found(host, { code: 'locked', message: `run ${run} of ada holds this host` });
    expect(causesOf([held('web1', '20261130-5679'), held('web2', '20261130-60b9')])).toHaveLength(
      2,
    );
    const alike = { message: 'gone', code: 'unreachable' } as const;
    expect(causesOf([found('a', alike), found('b', { ...alike, step: 'facts' })])).toHaveLength(2);
    expect(
      causesOf([found('a', alike), found('b', { ...alike, code: 'auth_failed' })]),
    ).toHaveLength(2);
  });

  test('name a host once, and leave names that only begin alike as they are', () => {
    const same = { message: 'create it on web1, not on web1.eu or web10' };
    expect(textOf([found('web1', same), found('web1', same)])).toEqual([
      ['web1', same.message, undefined],
    ]);
    const one = found('web1', { message: 'on web1 beside web10 and web1.eu' });
    const two = found('web2', { message: 'on web2 beside web10 and web1.eu' });
    expect(textOf([one, two])).toEqual([
      ['web1 web2', 'on the host beside web10 and web1.eu', undefined],
    ]);
  });
});

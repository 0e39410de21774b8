import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { judgeHost, judgeRecovered } from './checker.js';
import { KNOWN, PlantedHost } from './planted-host.js';

describe('the checker of a host', () => {
  let host: PlantedHost;
  beforeEach(() => {
    host = new PlantedHost();
  });
  afterEach(() => host.close());

  /** Every complaint, as `I1 what`. */
  function complaints(changed: Parameters<PlantedHost['reading']>[0] = {}): readonly string[] {
    const reading = host.reading(changed);
    const found = [...judgeHost(reading, KNOWN), ...judgeRecovered(reading, KNOWN)];
    return found.map(({ invariant, what }) => `${invariant} ${what}`);
  }

  test('is content with a host that is as it should be', () => {
    expect(complaints()).toEqual([]);
  });

  test('is content with a host that fleet has never touched', () => {
    for (const path of ['current', 'releases', '.fleet']) host.remove(path);
    expect(complaints({ processes: { mainPid: 0, cwd: '', folders: [] } })).toEqual([]);
  });

  describe('complains of I1 where current', () => {
    test('is a folder', () => {
      host.remove('current');
      mkdirSync(join(host.root, 'current'));
      expect(complaints()).toContain('I1 current is not a link');
    });

    test('leads elsewhere', () => {
      host.link('../shop-v1');
      expect(complaints()).toContain('I1 current names ../shop-v1');
    });

    test('is another link than was made to a release', () => {
      host.link('/opt/shop/releases/new');
      expect(complaints()).toContain(
        'I1 current is /opt/shop/releases/new, which is not the link that was made to it',
      );
    });

    test('names what another tool made, and fleet has written into', () => {
      const foreign = new Map([...KNOWN].map(([id, made]) => [id, { ...made, foreign: true }]));
      host.link('/opt/shop/releases/new');
      const [first] = judgeHost(host.reading(), foreign);
      expect(first?.what).toBe(
        'current is on new, of which fleet has written a version.json into it',
      );
      host.remove('releases/new/version.json');
      host.remove('.fleet/releases/new');
      expect(judgeHost(host.reading(), foreign).filter(({ what }) => what.includes('new'))).toEqual(
        [],
      );
    });

    test('names a release that is not there', () => {
      host.remove('releases/new');
      expect(complaints()).toContain('I1 current is on new, of which nothing is there');
    });

    test('names a release that no one has made', () => {
      host.write('releases/strange/file', '');
      host.link('releases/strange');
      expect(complaints()).toContain('I1 current is on strange, of which nobody has made anything');
    });

    test.each([
      [
        'lacks a file',
        () => host.remove('releases/new/lib/part2'),
        'lib/part2/module.txt is missing',
      ],
      ['has another text', () => host.write('releases/new/health', 'ill\n'), 'health is changed'],
      ['has one file more', () => host.write('releases/new/lib/old', ''), 'lib/old is added'],
      ['has no marker', () => host.remove('.fleet/releases/new'), 'the marker is missing'],
      [
        'has half a version.json',
        () => host.write('releases/new/version.json', '{"schema":1,'),
        'version.json is not whole',
      ],
    ])('names a release that %s', (_, plant, what) => {
      plant();
      expect(complaints()).toContain(`I1 current is on new, of which ${what}`);
    });
  });

  describe('complains of I2 where, in idle,', () => {
    test('the process runs another release', () => {
      const cwd = '/opt/shop/releases/old';
      expect(complaints({ processes: { cwd, folders: [cwd] } })).toEqual([
        'I2 current is new, the process runs from /opt/shop/releases/old',
      ]);
    });

    test('nothing runs, save where the release dies by its own fault', () => {
      const dead = { active: 'failed', mainPid: 0, cwd: '', folders: [] };
      expect(complaints({ processes: dead })).toEqual(['I2 nothing runs (unit failed)']);
      host.link('releases/weak');
      expect(complaints({ processes: dead })).toEqual([]);
    });
  });

  describe('complains of I3 where', () => {
    const claimed = [
      ['claim', 'a', 1, 'idle', 'claimed'],
      ['arm', 'a', 1, 'claimed', 'armed'],
    ] as const;

    test('an older epoch acts after a newer claim', () => {
      host.log(
        ...claimed,
        ['adopt', 'b', 2, 'armed', 'armed'],
        ['activate', 'a', 1, 'armed', 'linked'],
      );
      expect(complaints()).toEqual(['I3 log line 4, activate: epoch 1 of a after 2 of b']);
    });

    test('another run acts in the same epoch', () => {
      host.log(...claimed, ['activate', 'b', 1, 'armed', 'linked']);
      expect(complaints()).toEqual(['I3 log line 3, activate: run b acts, a has claimed']);
    });

    test('a switch rolls back what is not its own', () => {
      host.log(...claimed, ['revert', '', null, 'linked', 'reverting', 'z.1.0']);
      expect(complaints()).toEqual([
        'I3 log line 3, revert: rolls back z.1.0, while a.1.0 was armed',
      ]);
    });

    test('the log is torn though the disk was never full', () => {
      host.write('.fleet/log', '{"at":"2026-01-01T00:');
      expect(complaints()).toEqual(['I3 1 lines of the log are torn']);
      expect(complaints({ wasFull: true })).toEqual([]);
    });

    test('but not where a switch or the guard rolls back its own, after a newer claim too', () => {
      host.log(
        ...claimed,
        ['adopt', 'b', 2, 'linked', 'linked'],
        ['revert', '', null, 'linked', 'reverting', 'a.1.0'],
        ['guard', '', null, 'linked', 'idle', 'a.1.0'],
        ['unclaim', 'b', 2, 'idle', 'idle'],
      );
      expect(complaints()).toEqual([]);
    });
  });

  describe('complains of I7 where', () => {
    test.each(['linked', 'restarted', 'verified', 'reverting', 'armed'])(
      'a transaction is still %s on its new release',
      (phase) => {
        host.state({ phase, run: 'b' });
        host.log(['claim', 'b', 2, 'idle', 'claimed'], ['arm', 'b', 2, 'claimed', 'armed']);
        expect(complaints()).toContain(
          `I7 transaction b.2.0 is ${phase}, past its deadline and margin`,
        );
        expect(complaints({ excuse: 'rebooted without guard' }).join()).not.toContain('I7');
      },
    );

    test('but not where a confirmed one is being rolled back, for which no switch waits', () => {
      host.state({ phase: 'reverting', run: 'b' });
      expect(complaints().join()).not.toContain('I7');
    });

    test('but not where it was armed and nothing more', () => {
      host.state({ phase: 'armed', run: 'b' });
      host.link('releases/old');
      expect(complaints().join()).not.toContain('I7');
    });
  });

  describe('complains of I12 where', () => {
    test('what the last transaction came from is gone', () => {
      host.remove('releases/old');
      host.remove('.fleet/releases/old');
      expect(complaints()).toEqual(['I12 old is gone, and the last transaction is from it']);
    });

    test('a process runs from what is gone', () => {
      const folders = ['/opt/shop/releases/new', '/opt/shop/releases/ancient (deleted)'];
      expect(complaints({ processes: { folders } })).toEqual([
        'I12 ancient is gone, and a process runs from it',
      ]);
    });

    test('a release that can be seen is not whole', () => {
      host.remove('releases/weak/health');
      expect(complaints()).toEqual(['I12 of weak health is missing']);
    });
  });

  test('complains where recovery left a host claimed or unfinished', () => {
    host.state({ phase: 'staged', run: 'b' });
    expect(complaints()).toEqual(['free run b still has its claim', 'free phase staged']);
  });
});

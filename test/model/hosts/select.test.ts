import { describe, expect, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import type { Group, Inventory } from '../../../src/model/hosts/inventory.js';
import { selectHosts } from '../../../src/model/hosts/select.js';
import { asHostName } from '../../../src/model/names.js';
import { hostFixture } from '../../fixtures/host.js';

const group = (name: string, ...hosts: string[]): [string, Group] => [
  name,
  { name, children: [], hosts: hosts.map(asHostName) },
];

const inventory: Inventory = {
  hosts: ['web1', 'web2', 'web3', 'db1', 'cache.eu'].map((name) => hostFixture(name)),
  groups: new Map([
    group('all', 'web1', 'web2', 'web3', 'db1', 'cache.eu'),
    group('web', 'web1', 'web2', 'web3'),
    group('db', 'db1'),
    group('prod', 'db1', 'web1', 'web2'),
    group('empty'),
  ]),
};

const select = (groups: string[], limit?: string): string[] =>
  selectHosts(inventory, { groups, limit }).map((host) => host.name);

function refusal(groups: string[], limit?: string): FleetError {
  try {
    select(groups, limit);
  } catch (error) {
    if (error instanceof FleetError) return error;
  }
  throw new Error('nothing was refused');
}

describe('a selection by groups', () => {
  test('has each host once, in inventory order', () => {
    expect(select(['prod', 'web'])).toEqual(['web1', 'web2', 'web3', 'db1']);
    expect(select(['db,web'])).toEqual(['web1', 'web2', 'web3', 'db1']);
  });

  test('refuses a group that is not there, with what was meant', () => {
    expect(refusal(['prdo'])).toMatchObject({ code: 'group_unknown' });
    expect(refusal(['prdo']).hint).toContain('did you mean prod?');
    expect(refusal(['xyzzy']).hint).toContain('groups: all, web, db, prod, empty');
  });

  test('says how to select a host', () => {
    expect(refusal(['web1']).hint).toBe('web1 is a host: -g all -l web1');
  });

  test('of nothing is refused: never everything', () => {
    expect(refusal([])).toMatchObject({ code: 'selection_empty' });
    expect(refusal([''])).toMatchObject({ code: 'selection_empty' });
    expect(refusal(['empty'])).toMatchObject({ code: 'selection_empty' });
  });
});

describe('a limit', () => {
  test.each([
    ['web1', ['web1']],
    ['web*', ['web1', 'web2', 'web3']],
    ['web?', ['web1', 'web2', 'web3']],
    ['*.eu', ['cache.eu']],
    ['db,web2', ['web2', 'db1']],
    ['!web', ['db1', 'cache.eu']],
    ['web, !web2', ['web1', 'web3']],
    ['!web1,!db*', ['web2', 'web3', 'cache.eu']],
    ['web[1:2]', ['web1', 'web2']],
    ['pro?', ['web1', 'web2', 'db1']],
  ])('%s', (limit, expected) => {
    expect(select(['all'], limit)).toEqual(expected);
  });

  test('narrows the groups, it does not add to them', () => {
    expect(select(['web'], 'prod')).toEqual(['web1', 'web2']);
  });

  test('that leaves nothing is refused', () => {
    expect(refusal(['db'], 'web*')).toMatchObject({ code: 'selection_empty' });
    expect(refusal(['all'], '!all')).toMatchObject({ code: 'selection_empty' });
    expect(refusal(['all'], '')).toMatchObject({ code: 'selection_empty' });
  });

  test('with a term that fits nothing is refused, an exclusion too', () => {
    expect(refusal(['all'], 'web1,wbe2').hint).toBe('did you mean web2?');
    expect(refusal(['all'], '!wbe2')).toMatchObject({ code: 'selection_empty' });
    expect(refusal(['all'], '*zzz*')).toMatchObject({ code: 'selection_empty' });
  });

  test('with a malformed range is a usage error', () => {
    expect(refusal(['all'], 'web[2:1]')).toMatchObject({ code: 'usage' });
  });

  test('with four times the stars takes no more than a few times as long', () => {
    const took = (stars: number): number => {
      const term = `${'*a'.repeat(stars)}*z`;
      const started = performance.now();
      for (let round = 0; round < 50; round += 1) {
        expect(refusal(['all'], term)).toMatchObject({ code: 'selection_empty' });
      }
      return performance.now() - started;
    };
    const few = Math.max(took(15), took(15));
    expect(took(60)).toBeLessThan(20 * few);
  });
});

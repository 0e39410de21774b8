import { describe, expect, test } from 'vitest';
import { pickRollbackTarget } from '../../../src/model/releases/choose/rollback-target.js';
import { holding, known } from '../support/known-releases.js';

const commit = 'c0ffee'.repeat(6).padEnd(40, '0');
const first = known('r1', 1, { commit });
const second = known('r2', 2, { commit });
const newest = known('r3', 3);
const left = (standing: 'staged' | 'bad') => known('r1', 1, { commit, standing });

const pick = (hosts: Parameters<typeof pickRollbackTarget>[0]) =>
  pickRollbackTarget(hosts, { reference: 'c0ffee', force: false, recorded: [] }).release.id;

describe('a commit that two releases have', () => {
  test('means the one that can be rolled back to, where the other was interrupted or bad', () => {
    for (const standing of ['staged', 'bad'] as const) {
      const hosts = ['web1', 'web2', 'web3'].map((name) =>
        holding(name, 'r3', [left(standing), second, newest]),
      );
      expect(pick(hosts)).toBe('r2');
    }
  });

  test('means it too where the first hosts of the interrupted run had confirmed the other', () => {
    const hosts = ['web1', 'web2', 'web3'].map((name, n) =>
      holding(name, 'r3', [n === 0 ? first : left('staged'), second, newest]),
    );
    expect(pick(hosts)).toBe('r2');
  });

  test('means the one that is not current, where both were healthy', () => {
    const hosts = ['web1', 'web2'].map((name) => holding(name, 'r2', [first, second]));
    expect(pick(hosts)).toBe('r1');
  });

  test('is ambiguous where both can be rolled back to', () => {
    const hosts = ['web1', 'web2'].map((name) => holding(name, 'r3', [first, second, newest]));
    expect(() => pick(hosts)).toThrow(/matches 2 releases/);
  });

  test('is ambiguous where only one host says that it cannot be the other', () => {
    const hosts = ['web1', 'web2', 'web3'].map((name, n) =>
      holding(name, 'r3', [n === 2 ? left('bad') : first, second, newest]),
    );
    expect(() => pick(hosts)).toThrow(/matches 2 releases/);
  });
});

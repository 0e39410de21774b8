import { expect, test } from 'vitest';
import { compareShares } from '../../../src/model/adopt/compare-shares.js';

test('shared paths of the releases are compared with those of fleet.yaml', () => {
  const shares = [
    { path: 'log', target: 'log', kind: 'folder' },
    { path: 'log', target: 'log', kind: 'folder' },
    { path: '.env', target: '.env', kind: 'file' },
    { path: 'config/db.yml', target: 'database.yml', kind: 'file' },
  ] as const;
  const configured = [
    { path: 'log', kind: 'folder' },
    { path: 'cache', kind: 'folder' },
  ] as const;
  expect(compareShares(shares, configured)).toEqual({
    found: ['.env', 'log/'],
    missing: ['.env'],
    extra: ['cache/'],
    unlike: [shares[3]],
  });
});

test('where no release shares anything, fleet.yaml may', () => {
  expect(compareShares([], [{ path: 'log', kind: 'folder' }]).extra).toEqual([]);
});

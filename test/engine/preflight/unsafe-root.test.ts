import { expect, test } from 'vitest';
import { judgeFacts } from '../../../src/engine/preflight/preflight.js';
import { judgeOwners } from '../../../src/engine/preflight/unsafe-root.js';
import type { UnsafePath } from '../../../src/host/protocol/unsafe-path.js';
import { factsOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';

const host = hostFixture('web1');
const found = (path: string, more: Partial<UnsafePath> = {}): UnsafePath => ({
  path,
  what: 'owner',
  uid: 1600,
  gid: 1600,
  mode: 'drwxr-xr-x',
  ...more,
});
const writable = { what: 'writable', uid: 1000, mode: 'drwxrwsr-x' } as const;

function judge(root: string, unsafe: readonly UnsafePath[], rootPath = root) {
  const [failure] = judgeOwners(host, factsOf({ unsafe, rootPath }), root);
  return failure;
}

test('a run is refused with each path and what is wrong with it', () => {
  const app = appOf();
  const unsafe = [found(app.root, writable), found(`${app.root}/.fleet`)];
  const failures = judgeFacts(host, factsOf({ unsafe, rootPath: app.root }), { app, diskBytes: 0 });
  expect(failures).toMatchObject([{ code: 'root_unsafe', step: 'preflight' }]);
  expect(failures[0]?.message).toContain(`${app.root} may be written by group 1600 (drwxrwsr-x)`);
  expect(failures[0]?.message).toContain(`${app.root}/.fleet belongs to uid 1600`);
});

test.each([
  [found('/opt/shop'), 'there, as root: chown -h deploy /opt/shop;'],
  [found('/opt/shop', writable), 'there, as deploy: chmod go-w /opt/shop;'],
  // `go-w` alone on a folder of root would keep the user from writing.
  [
    found('/opt/shop', { ...writable, uid: 0 }),
    'there, as root: chown -h deploy /opt/shop && chmod go-w /opt/shop; or,',
  ],
  [found('/opt/shop/.fleet/bin', writable), 'there, as deploy: chmod go-w /opt/shop/.fleet/bin;'],
  [found('/opt', { ...writable, uid: 0 }), 'there, as root: chmod go-w /opt'],
  [found('/opt'), 'keep the app below folders of root or deploy'],
])('%j is fixed by %s', (unsafe, remedy) => {
  expect(`${judge('/opt/shop', [unsafe])?.hint};`).toContain(remedy);
});

test('the app is given folders of its own where the root was opened for it', () => {
  expect(judge('/opt/shop', [found('/opt/shop', writable)])?.hint).toContain('shared/');
  expect(judge('/opt/shop', [found('/opt', writable)])?.hint).not.toContain('shared/');
});

test.each([
  ['/opt/shop/$(id)', '/opt/shop'],
  ['/etc', '/opt/shop'],
  ['/etc/shadow', '/etc'],
  ['/opt/shop/../../etc', '/opt/shop'],
  ['/opt/shop/a; id', '/opt/shop'],
])('no text of a host is in a command: %s with the root at %s', (path, rootPath) => {
  for (const what of ['owner', 'writable', 'link'] as const) {
    const hint = judge('/opt/shop', [found(path, { ...writable, what })], rootPath)?.hint ?? '';
    expect(hint).not.toMatch(/etc|\$\(|; id/);
    expect(hint).not.toContain('chown');
  }
});

test('a root in the home stays there, and is never given away by chown', () => {
  const path = '/home/deploy/my shop';
  const hint = judge('~/my shop', [found(path, writable)], path)?.hint;
  expect(hint).toContain("chmod go-w ~/'my shop'");
  expect(judge('~/my shop', [found(path)], path)?.hint).not.toContain('chown');
});

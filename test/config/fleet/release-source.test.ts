import { describe, expect, test } from 'vitest';
import { parseReleaseSource } from '../../../src/config/fleet/release-source.js';

const parse = (text: string) => parseReleaseSource(text, { dir: '/srv/shop', home: '/home/me' });
const SUM = 'ab'.repeat(32);

describe('a release source', () => {
  test.each([
    ['./dist', { kind: 'folder', path: '/srv/shop/dist' }],
    ['/abs/dist', { kind: 'folder', path: '/abs/dist' }],
    ['~/dist', { kind: 'folder', path: '/home/me/dist' }],
    ['out/my app', { kind: 'folder', path: '/srv/shop/out/my app' }],
    ['a.tar', { kind: 'archive', path: '/srv/shop/a.tar' }],
    ['a-1.2.tar.gz', { kind: 'archive', path: '/srv/shop/a-1.2.tar.gz' }],
    ['a.tgz', { kind: 'archive', path: '/srv/shop/a.tgz' }],
    ['a.tar.zst', { kind: 'archive', path: '/srv/shop/a.tar.zst' }],
    ['git:v1.2', { kind: 'git', repository: '/srv/shop', ref: 'v1.2', subdir: null }],
    [
      'git:origin/main:web/dist/',
      { kind: 'git', repository: '/srv/shop', ref: 'origin/main', subdir: 'web/dist' },
    ],
    ['git:HEAD~3:app', { kind: 'git', repository: '/srv/shop', ref: 'HEAD~3', subdir: 'app' }],
    ['git:main^2', { kind: 'git', repository: '/srv/shop', ref: 'main^2', subdir: null }],
    [
      'git:v1.0^{commit}',
      { kind: 'git', repository: '/srv/shop', ref: 'v1.0^{commit}', subdir: null },
    ],
    ['git:main@{1}', { kind: 'git', repository: '/srv/shop', ref: 'main@{1}', subdir: null }],
    [
      `https://x.test/a.tgz#sha256=${SUM}`,
      { kind: 'url', url: 'https://x.test/a.tgz', sha256: SUM },
    ],
  ])('%s', (text, source) => {
    expect(parse(text)).toEqual({ kind: 'source', source });
  });

  test.each([
    '',
    ' ',
    'a\nb',
    'git:',
    'git:--upload-pack=x',
    'git:a..b',
    'git:a...b',
    'git:a\tb',
    'git:a\u007fb',
    'git:a b',
    'git:main:',
    'git:main:/etc',
    'git:main:../up',
    'https://x.test/a.tgz',
    'https://x.test/a.tgz#sha256=abc',
    'http://x.test/a.tgz',
    'ftp://x.test/a.tgz',
    'a.zip',
    'a.tar.xz',
  ])('%j is refused', (text) => {
    expect(parse(text).kind).toBe('malformed');
  });
});

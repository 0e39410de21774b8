import { describe, expect, it } from 'vitest';
import { parseDeb822, parseList } from './support/apt-source.js';

describe('apt sources', () => {
  it('reads stanzas, with continued fields, comments, and those that are switched off', () => {
    const text = `Types: deb
# said twice
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;
    expect(parseDeb822(text)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/some.gpg',
      },
    ]);
  });

  it('reads lines, with options and comments, and leaves sources of source code out', () => {
    const text = `# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # ours
deb-src http://mirror.example/debian bookworm main
`;
    expect(parseList(text)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        signedBy: '/k.gpg',
      },
    ]);
  });
});

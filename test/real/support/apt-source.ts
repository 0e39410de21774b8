import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this machine itself gets Debian from, so that the lab asks no one else. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly keyring: string;
}

const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The first source that offers the main part of this machine's own release. */
export function findAptSource(root = '/'): AptSource {
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(
    readFileSync(join(root, 'etc/os-release'), 'utf8'),
  )?.[1];
  const offer = aptFiles(root)
    .flatMap(({ name, text }) => (name.endsWith('.sources') ? parseDeb822(text) : parseList(text)))
    .find((entry) => entry.components.includes('main') && entry.suites.includes(codename ?? ''));
  if (codename === undefined || offer === undefined) {
    throw new Error(`no apt source for the release of this machine (${codename ?? 'unknown'})`);
  }
  return { uri: offer.uri, suite: codename, keyring: offer.signedBy ?? DEBIAN_KEYRING };
}

interface Offer {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

function aptFiles(root: string): readonly { name: string; text: string }[] {
  const folder = join(root, 'etc/apt/sources.list.d');
  const names = [
    join(root, 'etc/apt/sources.list'),
    ...listing(folder)
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => join(folder, name)),
  ];
  return names.flatMap((name) => {
    try {
      return [{ name, text: readFileSync(name, 'utf8') }];
    } catch {
      return [];
    }
  });
}

function listing(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The one-line form: `deb [signed-by=/key.gpg] http://mirror suite component…`. */
export function parseList(text: string): readonly Offer[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /signed-by=(\/\S+)/.exec(options)?.[1];
    return [{ uri, suites: [suite], components: components.trim().split(/\s+/), signedBy }];
  });
}

/** The stanza form of deb822. A key given inline is left to debootstrap's default keyring. */
export function parseDeb822(text: string): readonly Offer[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const field = (name: string): readonly string[] =>
        new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1]?.match(/\S+/g) ??
        [];
      const [uri] = field('URIs');
      const off = /^(no|false|off|without|disable)$/i.test(field('Enabled')[0] ?? 'yes');
      if (uri === undefined || off || !field('Types').includes('deb')) return [];
      const signedBy = field('Signed-By').find((word) => word.startsWith('/'));
      return [{ uri, suites: field('Suites'), components: field('Components'), signedBy }];
    });
}

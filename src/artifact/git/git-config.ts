/**
 * What fleet takes from a repository's own configuration: how its files are read, and which branch follows which.
 * All of it is data. Everything else is left out, so git never sees a key that names a program, under whatever
 * name.
 */
const DATA =
  /^(core\.(repositoryformatversion|filemode|symlinks|ignorecase|precomposeunicode|protecthfs|protectntfs|autocrlf|eol|checkstat|trustctime|sparsecheckout|sparsecheckoutcone)|extensions\.(?!partialclone$|worktreeconfig$)[a-z]+|branch\..+\.(remote|merge)|remote\..+\.fetch)$/s;

/** `%G?` in a file with `export-subst` would make gpg check a signature. */
const FLEETS_OWN = [
  ['gpg.program', 'false'],
  ['gpg.openpgp.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['gpg.ssh.program', 'false'],
] as const;

const FILTER = /^filter\.(.+)\.(?:clean|smudge|process)$/s;

interface Setting {
  /** As git lists it: section and name in lower case, the part between as written. */
  readonly key: string;
  /** Null if only the name is given, which means true. */
  readonly value: string | null;
}

/** Reads the output of `git config --list -z`. */
export function parseConfigList(list: string): readonly Setting[] {
  return list
    .split('\0')
    .filter((each) => each !== '')
    .map((each) => {
      const end = each.indexOf('\n');
      return end < 0
        ? { key: each, value: null }
        : { key: each.slice(0, end), value: each.slice(end + 1) };
    });
}

/** The filters that a repository's own configuration defines; none of them is ever run. */
export function filtersIn(settings: readonly Setting[]): readonly string[] {
  return [...new Set(settings.flatMap(({ key }) => FILTER.exec(key)?.[1] ?? []))];
}

/** A configuration file with fleet's own settings and those taken over. */
export function viewConfig(settings: readonly Setting[], bare: boolean): string {
  const own = [...FLEETS_OWN, ['core.bare', String(bare)] as const];
  return [
    ...settings.filter(({ key, value }) => DATA.test(key) && !/[\n\r\0]/.test(key + (value ?? ''))),
    ...own.map(([key, value]) => ({ key, value })),
  ]
    .map(settingText)
    .join('');
}

function settingText({ key, value }: Setting): string {
  const section = key.slice(0, key.indexOf('.'));
  const name = key.slice(key.lastIndexOf('.') + 1);
  const between = key.slice(section.length + 1, -name.length - 1);
  const head = between === '' ? `[${section}]` : `[${section} "${escaped(between)}"]`;
  return value === null
    ? `${head}\n\t${name}\n`
    : `${head}\n\t${name} = "${escaped(value).replaceAll('\t', '\\t')}"\n`;
}

const escaped = (text: string): string => text.replace(/["\\]/g, '\\$&');

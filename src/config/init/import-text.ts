import { service } from '../fleet/sections/service.js';
import { hostFolder, relativePath } from '../schema/words.js';
import { importedGroups } from './import-groups.js';
import type { Imported, ImportedHost } from './imported.js';
import { INVENTORY_TEXT } from './scaffold-text.js';

/** What could not be written as it was found, beside the text. */
export interface Written {
  readonly text: string;
  readonly notes: readonly string[];
}

/** The `fleet.yaml` of what was found. It validates; what is a proposal says so. */
export function importedFleet(found: Imported): Written {
  const notes: string[] = [];
  const app = nameOf(found.app);
  if (app !== found.app) notes.push(`app is a proposal: ${app}.`);
  const root = isValid(hostFolder, found.root) ? found.root : `/opt/${app}`;
  if (root !== found.root)
    notes.push(`root is a proposal: ${root}. It is where the app is on the hosts.`);
  const unit = unitOf(found, app);
  if (found.unit === null || unit !== found.unit.name) {
    notes.push(
      `service.unit is a proposal: ${unit}. ${found.tool} does not name the unit of the app.`,
    );
  }
  const { shared, unfit } = sharedOf(found.shared);
  notes.push(
    ...unfit.map((path) => `${JSON.stringify(path)} cannot be a shared path and is left out.`),
  );
  return { text: fleetText(found, { app, root, unit, shared }), notes };
}

interface Chosen {
  readonly app: string;
  readonly root: string;
  readonly unit: string;
  readonly shared: readonly string[];
}

function fleetText(found: Imported, { app, root, unit, shared }: Chosen): string {
  const unitFrom =
    found.unit?.name === unit
      ? `from ${oneLine(found.unit.from)}`
      : 'a proposal: name the unit of your app';
  const keep = found.keep !== null && found.keep > 0 && found.keep <= 1000 ? found.keep : 5;
  return [
    `# Written from the files of ${found.tool}. Check it with: fleet check`,
    '# Every setting is explained in docs/config.md.',
    '',
    `app: ${quoted(app)}`,
    `root: ${quoted(root)}`,
    '',
    'service:',
    `  unit: ${quoted(unit)}    # ${unitFrom}`,
    '  # action: restart               # restart | reload | stop-start | none',
    '',
    'release:',
    ...sourceLines(found),
    `  keep: ${keep}                         # healthy releases kept on each host`,
    '',
    ...(shared.length === 0
      ? ['# shared: [log/, .env]']
      : ['shared:', ...shared.map((path) => `  - ${quoted(path)}`)]),
    '',
    '# probes:',
    '#   - http: { url: "http://127.0.0.1:8080/healthz", status: 200 }',
    '',
    'policy:',
    '  waves: [1, 10%, 50%, rest]      # the first wave is the canary',
    '  on_failure: rollback-run',
    '',
  ].join('\n');
}

/** fleet reads git on the bastion, the other tools mostly on the hosts. */
function sourceLines({ branch, repository }: Imported): readonly string[] {
  const from = repository === null ? [] : [`  # run fleet in a checkout of ${oneLine(repository)}`];
  const isRef =
    branch !== null && /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(branch) && !branch.includes('..');
  return [...from, isRef ? `  from: ${quoted(`git:${branch}`)}` : '  # from: git:main'];
}

const nameOf = (app: string | null): string => {
  const name = (app ?? '').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'myapp' : name.slice(0, 64);
};

function unitOf({ unit }: Imported, app: string): string {
  const isFit = unit !== null && service.safeParse({ unit: unit.name }).success;
  return isFit ? unit.name : `${app}.service`;
}

function sharedOf(paths: readonly string[]) {
  const shared: string[] = [];
  const unfit: string[] = [];
  const bare = (path: string): string => `${path.replace(/\/$/, '')}/`;
  for (const path of new Set(paths)) {
    const clashes = shared.some(
      (other) => bare(other).startsWith(bare(path)) || bare(path).startsWith(bare(other)),
    );
    if (clashes || !isValid(relativePath, path)) unfit.push(path);
    else shared.push(path);
  }
  return { shared, unfit };
}

/** The inventory of what was found; without a host, an example. */
export function importedInventory(found: Imported): Written {
  const { hosts, groups, notes } = importedGroups(found);
  if (hosts.length === 0) {
    const none = `no host was found in the files of ${found.tool}: the inventory is an example`;
    return { text: INVENTORY_TEXT, notes: [...notes, none] };
  }
  const users = new Set(hosts.map(({ user }) => user ?? found.user));
  const [only] = users;
  const common = users.size === 1 ? (only ?? null) : found.user;
  const ssh = [
    ...(common === null || !isUser(common) ? [] : [`  user: ${quoted(common)}`]),
    ...(found.port === null ? [] : [`  port: ${found.port}`]),
    ...(found.identityFile === null ? [] : [`  identity_file: ${quoted(found.identityFile)}`]),
    ...(found.jump === null || !/^[\w@.:-]+$/.test(found.jump)
      ? []
      : [`  jump: ${quoted(found.jump)}`]),
  ];
  const text = [
    `# Written from the files of ${found.tool}. Show the result with: fleet inventory`,
    '',
    ...(ssh.length === 0 ? [] : ['ssh:', ...ssh, '']),
    'groups:',
    ...groups.flatMap((group) => groupLines(group, common)),
    '',
  ].join('\n');
  return { text, notes };
}

function groupLines(
  { name, hosts }: ReturnType<typeof importedGroups>['groups'][number],
  common: string | null,
): readonly string[] {
  return [
    `  ${quoted(name)}:`,
    ...(hosts.length === 0
      ? []
      : ['    hosts:', ...hosts.map((host) => `      - ${hostText(host, common)}`)]),
  ];
}

function hostText({ name, address, user, port }: ImportedHost, common: string | null): string {
  const fields = [
    `name: ${quoted(name)}`,
    ...(address === undefined ? [] : [`address: ${quoted(address)}`]),
    ...(port === undefined ? [] : [`port: ${port}`]),
    ...(user === undefined || user === common || !isUser(user) ? [] : [`user: ${quoted(user)}`]),
  ];
  return fields.length === 1 ? quoted(name) : `{ ${fields.join(', ')} }`;
}

const isUser = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9._-]{0,63}$/.test(text);

const isValid = (
  schema: { safeParse(value: unknown): { success: boolean } },
  text: string | null,
): text is string => text !== null && schema.safeParse(text).success;

/** A word that YAML reads as itself stays bare. */
const quoted = (text: string): string =>
  /^[A-Za-z./~][A-Za-z0-9._/@-]*$/.test(text) &&
  !/^(y|n|yes|no|on|off|true|false|null|~)$/i.test(text)
    ? text
    : JSON.stringify(text);

const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200);

import type { Imported, ImportedHost, ImportFile } from '../imported.js';
import { LeftOuts, NOT_READ } from '../script/left-out.js';
import { entryOf, isList, isMapValue, textsOf, type Value } from '../script/value.js';
import { readYamlValues } from '../script/yaml-values.js';

/** Stands for a piece of ERB, which only Ruby could fill in. */
const ERB = 'erb-was-here';

const REASONS: Readonly<Record<string, { readonly why: string; readonly todo: string }>> = {
  image: {
    why: 'fleet deploys no images',
    todo: 'deploy the files of the app, and run them by a systemd unit',
  },
  registry: { why: 'fleet deploys no images', todo: 'nothing: no registry is needed' },
  builder: { why: 'fleet builds no images', todo: 'see build: in docs/config.md' },
  env: {
    why: 'fleet writes no environment for an app',
    todo: 'put it into a shared file, e.g. shared/.env, and name that in the unit',
  },
  proxy: {
    why: 'fleet runs no proxy',
    todo: 'write its healthcheck as a probe: http under probes:',
  },
  accessories: { why: 'fleet runs no other services', todo: 'run them by units of their own' },
  volumes: { why: 'there is no container', todo: 'share the folders by shared:' },
};

/** Reads `config/deploy.yml` of Kamal: servers, roles and logins. Its ERB is not run. */
export function readKamal(file: ImportFile): Imported {
  const left = new LeftOuts(file.name, file.text);
  const text = withoutErb(file.text, left);
  const yaml = readYamlValues({ name: file.name, text });
  if (yaml.problem !== null) {
    const { line, message } = yaml.problem;
    left.add(line, { why: message, todo: 'mend the file, and run init again' });
  }
  const entries = yaml.entriesOf(yaml.root ?? undefined);
  const service = textOf(entries.get('service')?.value);
  const ssh = entries.get('ssh')?.value;
  for (const [key, { line }] of entries) {
    if (['service', 'servers', 'ssh'].includes(key)) continue;
    left.add(
      line,
      REASONS[key] ?? {
        why: 'fleet has no setting for it',
        todo: 'nothing, unless your app needs it',
      },
    );
  }
  return {
    tool: 'Kamal',
    app: service,
    root: service === null ? null : `/opt/${service}`,
    keep: null,
    shared: [],
    unit: null,
    branch: null,
    repository: null,
    user: textOf(entryOf(ssh, 'user')) ?? 'root',
    port: numberOf(entryOf(ssh, 'port')),
    identityFile: textsOf(entryOf(ssh, 'keys'))?.[0] ?? null,
    jump: textOf(entryOf(ssh, 'proxy')),
    hosts: hostsOf(entries.get('servers')?.value),
    notes: [
      'Kamal deploys images, fleet deploys files and restarts a systemd unit: the hosts and logins are taken over, the containers are not.',
      ...(service === null ? [] : [`root is a proposal: /opt/${service}.`]),
    ],
    leftOut: left.found,
  };
}

/** Each piece of ERB is listed, and replaced by a text that is not used. Lines keep their numbers. */
function withoutErb(text: string, left: LeftOuts): string {
  return text
    .split('\n')
    .map((line, index) => {
      if (!line.includes('<%')) return line;
      left.add(index + 1, NOT_READ);
      return withoutTags(line) ?? '';
    })
    .join('\n');
}

/** Null if a tag is no value, or is not closed on the line. */
function withoutTags(line: string): string | null {
  let filled = '';
  let at = 0;
  for (let open = line.indexOf('<%'); open !== -1; open = line.indexOf('<%', at)) {
    const close = line.indexOf('%>', open);
    if (close === -1 || line[open + 2] !== '=') return null;
    filled += line.slice(at, open) + ERB;
    at = close + 2;
  }
  return (filled + line.slice(at)).replaceAll(/["']/g, '');
}

function hostsOf(servers: Value | undefined): readonly ImportedHost[] {
  if (isList(servers)) return namesIn(servers).map((name) => ({ name, groups: ['web'] }));
  if (!isMapValue(servers)) return [];
  const hosts = servers.entries.flatMap(([role, value]) =>
    namesIn(isMapValue(value) ? entryOf(value, 'hosts') : value).map((name) => ({ name, role })),
  );
  const names = [...new Set(hosts.map(({ name }) => name))];
  return names.map((name) => ({
    name,
    groups: hosts.filter((each) => each.name === name).map(({ role }) => role),
  }));
}

/** A host is a name, or a map from its name to tags. */
function namesIn(value: Value | undefined): readonly string[] {
  const items: readonly Value[] = isList(value) ? value : [value ?? null];
  return items
    .flatMap((item): readonly (string | null)[] =>
      isMapValue(item) ? item.entries.map(([name]) => name) : [textOf(item)],
    )
    .filter((name) => name !== null);
}

const textOf = (value: Value | undefined): string | null =>
  typeof value === 'string' && !value.includes(ERB) ? value : null;

const numberOf = (value: Value | undefined): number | null =>
  typeof value === 'number' ? value : null;

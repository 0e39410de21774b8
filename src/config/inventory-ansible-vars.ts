import type { z } from 'zod';
import type { Problem } from '../errors/fleet-error.js';
import { JUMP } from './inventory-jump.js';
import { type Place, problemIn, type Setting, type SettingValue } from './inventory-layer.js';
import { address, port, user } from './inventory-schema.js';
import { localPath } from './local-path.js';
import type { LocalBase } from './release-source.js';
import type { SourceText, Span } from './source-text.js';
import type { YamlNode } from './yaml-node.js';

/** A file in one of Ansible's forms while it is read. */
export interface AnsibleReading {
  readonly source: SourceText;
  readonly base: LocalBase;
  readonly problems: Problem[];
}

export const placeIn = (reading: AnsibleReading, span: Span): Place => ({
  source: reading.source,
  span,
});

interface Translation {
  readonly key: string;
  readonly schema: z.ZodType<string | number>;
}

/**
 * The variables that say how a host is reached. Any other is data under its own name, but for
 * Ansible's own settings: these mean nothing here, and passwords are among them.
 */
const CONNECTION: ReadonlyMap<string, Translation | 'path'> = new Map<string, Translation | 'path'>(
  [
    ['ansible_host', { key: 'address', schema: address }],
    ['ansible_ssh_host', { key: 'address', schema: address }],
    ['ansible_port', { key: 'ssh.port', schema: port }],
    ['ansible_ssh_port', { key: 'ssh.port', schema: port }],
    ['ansible_user', { key: 'ssh.user', schema: user }],
    ['ansible_ssh_user', { key: 'ssh.user', schema: user }],
    ['ansible_ssh_private_key_file', 'path'],
    ['ansible_private_key_file', 'path'],
  ],
);

/** Where these say nothing but the way through jump hosts, that is understood; else nothing of them. */
const SSH_ARGS = new Set(['ansible_ssh_common_args', 'ansible_ssh_extra_args']);
const ONLY_JUMP = /^\s*(?:-J\s*|-o\s*["']?ProxyJump[\s=]\s*)([^\s"']+)["']?\s*$/i;

const REMOTE = new Set(['ssh', 'smart', 'paramiko', 'paramiko_ssh']);

/** A level's variables as settings. Lists and maps among them mean nothing to fleet. */
export function readVars(
  reading: AnsibleReading,
  node: YamlNode | undefined,
): ReadonlyMap<string, Setting> {
  const layer = new Map<string, Setting>();
  for (const [name, entry] of mapOf(reading, node, 'variables')) {
    if (entry.node.kind !== 'scalar') continue;
    const place = placeIn(reading, entry.node.span);
    const { value } = entry.node;
    const translation = CONNECTION.get(name);
    if (name === 'ansible_connection' && !REMOTE.has(String(value))) {
      const message = `ansible_connection: ${value} is not a connection that fleet makes`;
      reading.problems.push(problemIn(place, { message, hint: 'leave the host out' }));
    } else if (translation !== undefined) {
      addConnection({ reading, layer, place, name, value }, translation);
    } else if (SSH_ARGS.has(name)) {
      const jump = ONLY_JUMP.exec(String(value))?.[1];
      if (jump !== undefined && JUMP.test(jump)) layer.set('ssh.jump', { value: jump, place });
    } else if (!name.startsWith('ansible_')) layer.set(`vars.${name}`, { value, place });
  }
  return layer;
}

function addConnection(
  variable: {
    readonly reading: AnsibleReading;
    readonly layer: Map<string, Setting>;
    readonly place: Place;
    readonly name: string;
    readonly value: SettingValue;
  },
  translation: Translation | 'path',
): void {
  const { reading, layer, place, name, value } = variable;
  const refuse = (message: string): void => {
    reading.problems.push(problemIn(place, { message }));
  };
  if (String(value).includes('{{')) refuse(`${name}: templates are not worked out here`);
  else if (translation === 'path') {
    layer.set('ssh.identity_file', { value: [localPath(String(value), reading.base)], place });
  } else {
    const isNumber = translation.schema === port && /^\d+$/.test(String(value));
    const parsed = translation.schema.safeParse(isNumber ? Number(value) : value);
    if (parsed.success) layer.set(translation.key, { value: parsed.data, place });
    else refuse(`${name} must be ${parsed.error.issues[0]?.message}, not ${value}`);
  }
}

/** The entries of a map; of nothing none, of anything else none and a problem. */
export function mapOf(reading: AnsibleReading, node: YamlNode | undefined, what: string) {
  if (node?.kind === 'map') return [...node.entries];
  if (node !== undefined && !(node.kind === 'scalar' && node.value === null)) {
    const message = `a map of ${what} is wanted here`;
    reading.problems.push(problemIn(placeIn(reading, node.span), { message }));
  }
  return [];
}

import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distrustOf, ownersOf } from '../paths/owners.js';
import { readYaml, type YamlFile } from '../yaml/file.js';
import { CONNECTION_VARIABLES } from './connection.js';
import { type Outcome, run } from './program.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Ansible's own programs, asked for what fleet does not read itself. */
export interface AskAnsible {
  /**
   * All inventories together, as `ansible-inventory --list` prints them. Nothing is run where another
   * user could have written one of `trusted`.
   */
  readonly list: (files: readonly string[], trusted: readonly string[]) => Promise<Answer>;
  /** What the connection variables of hosts are, templates worked out and values decrypted. */
  readonly connections: (
    files: readonly string[],
    hosts: readonly string[],
    trusted: readonly string[],
  ) => Promise<ReadonlyMap<string, Answer>>;
}

export type Answer =
  | { readonly kind: 'answer'; readonly yaml: YamlFile }
  | { readonly kind: 'refused'; readonly reason: string };

export interface AnsibleMachine {
  readonly env: Env;
  readonly cwd: string;
  readonly home: string;
}

/** A file that did not parse is an error here, and no one is asked for a password. */
const SETTINGS: Env = {
  ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: '1',
  ANSIBLE_INVENTORY_UNPARSED_FAILED: '1',
  ANSIBLE_NOCOLOR: '1',
  ANSIBLE_FORCE_COLOR: '0',
  ANSIBLE_DEPRECATION_WARNINGS: '0',
  ANSIBLE_ASK_VAULT_PASS: '0',
  ANSIBLE_LOAD_CALLBACK_PLUGINS: '0',
  LC_ALL: 'C.UTF-8',
};

/** Null where Ansible is not installed. */
export function findAnsible(machine: AnsibleMachine): AskAnsible | null {
  const list = findProgram('ansible-inventory', machine.env);
  const ansible = findProgram('ansible', machine.env);
  if (list === null) return null;
  const place = { cwd: machine.cwd, env: { ...machine.env, ...SETTINGS } };
  return {
    list: async (files, trusted) => {
      const reason = await distrust(trusted, machine);
      if (reason !== null) return { kind: 'refused', reason };
      const args = [...files.flatMap((file) => ['-i', file]), '--list'];
      return answerOf(await run(list, args, place), 'ansible-inventory --list (output)');
    },
    connections: async (files, hosts, trusted) => {
      const reason = await distrust(trusted, machine);
      if (reason !== null || ansible === null) return refusedAll(hosts, reason);
      const pattern = hosts.every((name) => /^[\w.-]+$/.test(name)) ? hosts.join(',') : 'all';
      const args = [...files.flatMap((file) => ['-i', file]), ...DEBUG, pattern];
      return connectionsOf(await run(ansible, args, place), hosts);
    },
  };
}

function findProgram(name: string, env: Env): string | null {
  for (const folder of (env.PATH ?? '').split(':')) {
    const path = join(folder, name);
    try {
      if (folder === '') continue;
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/**
 * An inventory may run programs, by plugins and by lookups in templates. So it has to be the
 * own user's or root's, also where it was named and so may be read.
 */
async function distrust(files: readonly string[], machine: AnsibleMachine): Promise<string | null> {
  for (const path of [...files, join(machine.cwd, 'ansible.cfg')]) {
    const found = await distrustOf(path, ownersOf(machine.env));
    if (found !== null) {
      return `is not run, for another user could have written ${found.path}: ${found.reason}`;
    }
  }
  return null;
}

function answerOf(outcome: Outcome, shown: string): Answer {
  return outcome.failure !== undefined
    ? { kind: 'refused', reason: reasonIn(outcome.stderr ?? '') ?? outcome.failure }
    : { kind: 'answer', yaml: readYaml(shown, outcome.text) };
}

/** The first plugin that tried names the mistake in the file; later ones only say that it is not theirs. */
function reasonIn(stderr: string): string | null {
  const words = stderr.replaceAll(/\s+/g, ' ');
  const tried = / with (?:\S+) plugin: (.*?)(?= \* Failed| \[WARNING\]| ERROR!| <unknown>|$)/.exec(
    words,
  );
  return tried?.[1] === undefined ? null : `failed: ${tried[1]}`;
}

const DICT = CONNECTION_VARIABLES.map((name) => `'${name}': ${name} | default(none)`).join(', ');
/** The callback `oneline` prints one line of JSON for each host. */
const DEBUG = [
  '--one-line',
  '--module-name',
  'ansible.builtin.debug',
  '--args',
  JSON.stringify({ msg: `{{ {${DICT}} | to_json }}` }),
];

function refusedAll(hosts: readonly string[], reason: string | null): ReadonlyMap<string, Answer> {
  const answer: Answer = { kind: 'refused', reason: reason ?? 'the program ansible is missing' };
  return new Map(hosts.map((host) => [host, answer]));
}

/** It fails for a host where a template does; the others are answered all the same. */
function connectionsOf(outcome: Outcome, hosts: readonly string[]): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const line of outcome.text.split('\n')) {
    const [, host = '', state = '', json = ''] = /^(\S+) \| (\w+)!? => (\{.*\})$/.exec(line) ?? [];
    const message = host === '' ? undefined : parsed(json).msg;
    if (message === undefined) continue;
    const [text = ''] = (typeof message === 'string' ? message : JSON.stringify(message)).split(
      '\n',
    );
    const answer: Answer =
      state === 'SUCCESS'
        ? { kind: 'answer', yaml: readYaml(`ansible ${host} (output)`, text) }
        : { kind: 'refused', reason: text };
    answers.set(host, answer);
  }
  const missing: Answer = {
    kind: 'refused',
    reason: outcome.failure ?? 'it has nothing about this host',
  };
  return new Map(hosts.map((host) => [host, answers.get(host) ?? missing]));
}

function parsed(json: string): { readonly msg?: unknown } {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Whether Ansible would know a password for what ansible-vault has encrypted. */
export async function hasVaultPassword({ env, cwd, home }: AnsibleMachine): Promise<boolean> {
  if (env.ANSIBLE_VAULT_PASSWORD_FILE || env.ANSIBLE_VAULT_IDENTITY_LIST) return true;
  const files = env.ANSIBLE_CONFIG
    ? [env.ANSIBLE_CONFIG]
    : [join(cwd, 'ansible.cfg'), join(home, '.ansible.cfg'), '/etc/ansible/ansible.cfg'];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) return /^\s*vault_(?:password_file|identity_list)\s*[=:]/m.test(text);
  }
  return false;
}

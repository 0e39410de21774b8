import type { Problem } from '../../errors/fleet-error.js';
import type { ReadPart } from '../inventory/read/parts.js';
import type { LocalBase } from '../paths/local-path.js';
import { type AskAnsible, hasVaultPassword } from './ask.js';
import { reconcile } from './data.js';
import { readListing } from './listing.js';
import { type AnsiblePart, type Answers, partOf } from './part.js';
import { type AnsibleInput, type AnsibleRead, type ForeignFile, readInputs } from './read.js';
import { variableOf } from './reading.js';
import { type HeldVariables, type VariablesOf, variablesIn } from './variables.js';
import { type FileAccess, type ReadVars, readVarsFiles } from './vars-files.js';

export interface GatherOptions {
  readonly inputs: readonly AnsibleInput[];
  /** The folders of what was named, in that order: each may have `group_vars` and `host_vars`. */
  readonly folders: readonly string[];
  /** Relative paths in variables start at the working directory, as they do for ssh. */
  readonly base: LocalBase;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly access: FileAccess;
  /** Null where Ansible is not installed, or nothing may be run. */
  readonly ansible: AskAnsible | null;
  /** Whether nothing may be run. */
  readonly isOffline: boolean;
}

export interface Gathered extends ReadPart {
  readonly notices: readonly Problem[];
  readonly unread: readonly string[];
}

/** Reads all files of Ansible's forms as Ansible does, into one part of the inventory. */
export async function gatherAnsible(options: GatherOptions): Promise<Gathered> {
  const read = readInputs(options.inputs);
  const loops = reconcile(read.data).map((message): Problem => ({ message }));
  const files: ReadVars[] = [];
  for (const folder of options.folders) {
    files.push(await readVarsFiles(folder, read.data, options.access));
  }
  const encrypted = [...new Set(files.flatMap((each) => each.encrypted))];
  const problems = [...read.problems, ...loops, ...files.flatMap((each) => each.problems)];
  const paths = [...options.inputs.map(({ path }) => path), ...files.flatMap((each) => each.files)];
  const state: State = { options, read: { ...read, problems }, files, paths };
  if (read.foreign.length > 0) return fromForeign(state, read.foreign);
  if (encrypted.length > 0) return withEncrypted(state, encrypted);
  return finish(state, variablesIn(read.data, files));
}

interface State {
  readonly options: GatherOptions;
  readonly read: AnsibleRead;
  readonly files: readonly ReadVars[];
  /** All that was read: whoever could write one of these could have Ansible run something. */
  readonly paths: readonly string[];
}

const WAY_OUT =
  'install ansible-core where fleet runs, or name an executable file: #!/bin/sh, then exec ansible-inventory -i FILE --list';

/** Files that only Ansible reads: it is asked for everything, for these may change any host. */
async function fromForeign(state: State, foreign: readonly ForeignFile[]): Promise<Gathered> {
  const { ansible, isOffline } = state.options;
  const shown = foreign.map((file) => `${file.shown} is ${file.what}`);
  if (isOffline) {
    const unread = shown.map((text) => `${text}, which ansible-inventory reads`);
    return { part: null, problems: state.read.problems, notices: [], unread };
  }
  const refusal = (reason: string, hint: string): Gathered => {
    const own = shown.map((text): Problem => ({ message: `${text}: ${reason}`, hint }));
    return { part: null, problems: [...state.read.problems, ...own], notices: [], unread: [] };
  };
  if (ansible === null) return refusal('only ansible-inventory reads that', WAY_OUT);
  const listed = await listedBy(state, ansible);
  if ('reason' in listed) {
    return refusal(
      `ansible-inventory ${listed.reason}`,
      `try: ansible-inventory -i ${foreign[0]?.shown} --list`,
    );
  }
  return listed;
}

/** Encrypted variables are left out where no one has told Ansible the password. */
async function withEncrypted(state: State, encrypted: readonly string[]): Promise<Gathered> {
  const { ansible, base, env, isOffline } = state.options;
  const machine = { env, cwd: base.dir, home: base.home };
  const isKnown = ansible !== null && (await hasVaultPassword(machine));
  const listed = isKnown ? await listedBy(state, ansible) : null;
  if (listed !== null && !('reason' in listed)) return listed;
  const why = listed === null ? '' : `: ansible-inventory ${listed.reason}`;
  const notices = encrypted.map(
    (shown): Problem => ({
      message: `${shown} is encrypted by ansible-vault, and its values are not known here${why}`,
    }),
  );
  const found = await finish(state, variablesIn(state.read.data, state.files));
  return isOffline
    ? {
        ...found,
        unread: [...found.unread, ...encrypted.map((shown) => `${shown}, which is encrypted`)],
      }
    : { ...found, notices: [...found.notices, ...notices] };
}

async function listedBy(
  state: State,
  ansible: AskAnsible,
): Promise<Gathered | { readonly reason: string }> {
  const answer = await ansible.list(
    state.options.inputs.map(({ path }) => path),
    state.paths,
  );
  if (answer.kind === 'refused') return { reason: answer.reason };
  const { yaml } = answer;
  const read = readInputs([]);
  if (yaml.root !== null) readListing({ source: yaml.source, ...read }, yaml.root);
  reconcile(read.data);
  const problems = [...yaml.problems, ...read.problems];
  return finish({ ...state, read: { ...read, problems } }, variablesIn(read.data, []));
}

/** What is left open is asked of Ansible, where it may be. */
async function finish(state: State, variables: VariablesOf): Promise<Gathered> {
  const { options, read } = state;
  const { ansible, base, isOffline } = options;
  let found = partOf(read.data, variables, { base, answers: new Map() });
  const unread = isOffline ? openTexts(found) : [];
  if (ansible !== null && found.open.length > 0) {
    const answers = await answersFor(state, { variables, ansible, hosts: found.open });
    found = partOf(read.data, variables, { base, answers });
  }
  const notices = [...read.notices, ...found.notices];
  const problems = [...read.problems, ...found.problems];
  return { part: found.part, problems, notices, unread };
}

const openTexts = ({ open }: AnsiblePart): readonly string[] =>
  open.map((name) => `${name}, which has templates that only Ansible works out`);

async function answersFor(
  state: State,
  asked: {
    readonly variables: VariablesOf;
    readonly ansible: AskAnsible;
    readonly hosts: readonly string[];
  },
): Promise<Answers> {
  const inputs = state.options.inputs.map(({ path }) => path);
  const answers = await asked.ansible.connections(inputs, asked.hosts, state.paths);
  const found = new Map<string, HeldVariables>();
  for (const [name, answer] of answers) {
    const host = state.read.data.hosts.get(name);
    const root = answer.kind === 'answer' ? answer.yaml.root : null;
    if (host === undefined || root?.kind !== 'map') continue;
    const vars = new Map(asked.variables.ofHost(host));
    for (const [key, { node }] of root.entries) {
      const held = vars.get(key);
      if (held === undefined || node.value === null) continue;
      const { value } = variableOf(node, held.variable.place.source);
      vars.set(key, { ...held, variable: { ...held.variable, value, form: 'unsafe' } });
    }
    found.set(name, vars);
  }
  return found;
}

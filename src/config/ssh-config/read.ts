import pLimit from 'p-limit';
import type { Problem } from '../../errors/fleet-error.js';
import type { Setting } from '../settings/setting.js';
import type { KnownHostsFiles } from '../settings/ssh-setting.js';
import { locate } from '../yaml/source-text.js';
import { type Answerer, answersOfSsh } from './answers.js';
import { askSsh, findSsh, type SshProgram, type SshSubject } from './ask.js';
import type { SshAnswer } from './keywords.js';
import { type OpenedConfig, openSshConfig, type SshMachine } from './open.js';
import { type SshConfigLayer, settingsOfAnswer } from './settings.js';
import { sharingOf } from './sharing.js';

/** A host with its settings of the inventory, and the ssh_config that applies to it. */
export interface SshConfigQuery extends SshSubject {
  /** `ssh.config_file`, where the inventory has it. */
  readonly file: Setting | undefined;
}

/** Reads the ssh_config files of a run, each once, for all hosts and jump hosts. */
export interface SshConfigs {
  /** Their settings for each host, in the order of the queries. */
  learn(queries: readonly SshConfigQuery[]): Promise<readonly SshConfigLayer[]>;
  readonly problems: readonly Problem[];
  /** Says once which files were not read, as this machine has no ssh; a run goes on without them. */
  readonly notices: readonly Problem[];
  /** Files that ssh was not asked about, as it would have run a program. */
  readonly unread: readonly string[];
}

/** The machine, and whether what a `Match exec` names may be run on it. */
export interface SshReader extends SshMachine {
  readonly runPrograms: boolean;
}

/** Processes of ssh at once: each takes a core for some milliseconds. */
const AT_ONCE = 4;
const EMPTY: SshConfigLayer = new Map();

type Reader = (query: SshConfigQuery) => Promise<SshConfigLayer>;

export function createSshConfigs(machine: SshReader, knownHosts: KnownHostsFiles): SshConfigs {
  const opened = new Map<string, Promise<Reader | null>>();
  const shared = sharedBy(machine, knownHosts);
  const readerFor = (file: Setting | undefined): Promise<Reader | null> => {
    const key = file === undefined ? '' : String(file.value);
    const reader = opened.get(key) ?? openReader(file, shared);
    opened.set(key, reader);
    return reader;
  };
  return {
    problems: shared.problems,
    get notices() {
      return shared.withoutSsh.size === 0 ? [] : [noSshNotice([...shared.withoutSsh])];
    },
    unread: shared.unread,
    async learn(queries) {
      const files = new Map(queries.map(({ file }) => [file?.value, file]));
      const readers = new Map<unknown, Reader | null>();
      for (const [value, file] of files) readers.set(value, await readerFor(file));
      if ([...readers.values()].every((reader) => reader === null)) return queries.map(() => EMPTY);
      const nothing = Promise.resolve(EMPTY);
      return Promise.all(
        queries.map((query) => readers.get(query.file?.value)?.(query) ?? nothing),
      );
    },
  };
}

/** One for all files, however many hosts they are for. */
const noSshNotice = (files: readonly string[]): Problem => ({
  message: `without ssh on this machine ssh_config is not read: ${files.join(', ')}`,
  hint: 'install openssh-client, or put the settings into the inventory',
});

/** What all readers of a run share. */
interface Shared {
  readonly machine: SshReader;
  readonly knownHosts: KnownHostsFiles;
  readonly problems: Problem[];
  readonly unread: string[];
  /** Files with settings for fleet that are not read, as there is no ssh to ask. */
  readonly withoutSsh: Set<string>;
  /** Null where there is no ssh. */
  readonly answererOf: ((opened: OpenedConfig) => Answerer) | null;
}

function sharedBy(machine: SshReader, knownHosts: KnownHostsFiles): Shared {
  const problems: Problem[] = [];
  // Relative Includes start at $HOME for ssh, other paths at the home of the password database.
  const ssh = findSsh({ ...machine.env, HOME: machine.home });
  const answererOf = ssh && askingOf(ssh, (found) => addTo(problems, found));
  return { machine, knownHosts, problems, unread: [], withoutSsh: new Set(), answererOf };
}

function askingOf(
  ssh: SshProgram,
  refused: (problems: readonly Problem[]) => void,
): (opened: OpenedConfig) => Answerer {
  const limit = pLimit(AT_ONCE);
  let bare: Promise<SshAnswer> | undefined;
  return (opened) => {
    const asking = answersOfSsh(ssh, opened, { bare: () => (bare ??= bareAnswer(ssh)), refused });
    return (query) => limit(asking, query);
  };
}

/** As arguments of one call, which go on the stack, a hundred thousand are too many. */
function addTo(list: Problem[], more: readonly Problem[]): void {
  for (const each of more) list.push(each);
}

async function bareAnswer(ssh: SshProgram): Promise<SshAnswer> {
  // No file of a user names this host, so its HostName is not one that they have written.
  const unnamed = { address: 'fleet.invalid', user: null, port: null, hasJump: false };
  const asked = await askSsh(ssh, { ...unnamed, file: 'none' });
  return asked.kind === 'answer' ? asked.values : new Map();
}

/** Null where nothing is to be asked: no file has an honoured keyword, or there is no ssh. */
async function openReader(file: Setting | undefined, shared: Shared): Promise<Reader | null> {
  const { opened, problems } = await openSshConfig(file, shared.machine);
  addTo(shared.problems, problems);
  if (opened === null) return null;
  const { lines, programs, faults } = opened.text;
  if (lines.length + faults.length === 0) return null;
  if (shared.answererOf === null) {
    for (const name of filesWithSettings(opened)) shared.withoutSsh.add(name);
    return null;
  }
  // Where the text could not be followed to its end, a program may be named in the rest.
  if (!shared.machine.runPrograms && programs.length + faults.length > 0) {
    const places = programs.map(({ source, span }) => {
      const { file: path, line } = locate(source, span);
      return `${path}:${line}, which runs a program`;
    });
    shared.unread.push(...places, ...faults.map(({ message }) => message));
    return null;
  }
  return readerOf(opened, shared.answererOf(opened), shared);
}

/** Those with an honoured keyword, and those that could not be followed to their end. */
function filesWithSettings({ text }: OpenedConfig): readonly string[] {
  const named = text.lines.map(({ place }) => place.source.file);
  const unclear = text.faults.flatMap(({ location }) => (location ? [location.file] : []));
  return [...named, ...unclear];
}

/** Hosts of which ssh must say the same share one answer. */
function readerOf(opened: OpenedConfig, answer: Answerer, shared: Shared): Reader {
  const keyOf = sharingOf(opened.text);
  const known = new Map<string, Promise<SshConfigLayer>>();
  return (query) => {
    const { address, user, port, hasJump } = query;
    const key = JSON.stringify([keyOf(address) ?? [address, user, port], hasJump]);
    const layer = known.get(key) ?? layerOf(opened, query, { answer, shared });
    known.set(key, layer);
    return layer;
  };
}

async function layerOf(
  opened: OpenedConfig,
  query: SshConfigQuery,
  { answer, shared }: { readonly answer: Answerer; readonly shared: Shared },
): Promise<SshConfigLayer> {
  const found = await answer(query);
  if (found === null) return EMPTY;
  const { layer, problems } = settingsOfAnswer(found, {
    ...shared.machine,
    text: opened.text,
    address: query.address,
    user: query.user ?? found.get('user')?.[0] ?? shared.machine.localUser,
    port: query.port ?? Number(found.get('port')?.[0] ?? 22),
    knownHosts: shared.knownHosts,
  });
  addTo(shared.problems, problems);
  return layer;
}

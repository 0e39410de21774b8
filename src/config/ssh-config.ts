import pLimit from 'p-limit';
import type { Problem } from '../errors/fleet-error.js';
import type { Setting } from './settings.js';
import { locate } from './source-text.js';
import { type Answerer, answersOfSsh, answersOfText, unheeded } from './ssh-config-answers.js';
import { askSsh, findSsh, type SshSubject } from './ssh-config-ask.js';
import type { SshAnswer } from './ssh-config-keywords.js';
import { type OpenedConfig, openSshConfig, type SshMachine } from './ssh-config-open.js';
import { type SshConfigLayer, settingsOfAnswer } from './ssh-config-settings.js';
import { sharingOf } from './ssh-config-sharing.js';
import type { KnownHostsFiles } from './ssh-setting.js';

/** A host, with what the inventory says of it, and which ssh_config holds for it. */
export interface SshConfigQuery extends SshSubject {
  /** `ssh.config_file`, where the inventory has it. */
  readonly file: Setting | undefined;
}

/** Reads the ssh_config files of a run, each once, for all hosts and jump hosts. */
export interface SshConfigs {
  /** What they say of each host, in the order of the queries. */
  learn(queries: readonly SshConfigQuery[]): Promise<readonly SshConfigLayer[]>;
  readonly problems: readonly Problem[];
  /** What was passed over, and does not keep a run from going on. */
  readonly notices: readonly Problem[];
  /** Files that were not asked about, for that would have meant to run a program. */
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
  const desk = deskOf(machine, knownHosts);
  const readerFor = (file: Setting | undefined): Promise<Reader | null> => {
    const key = file === undefined ? '' : String(file.value);
    const reader = opened.get(key) ?? openReader(file, desk);
    opened.set(key, reader);
    return reader;
  };
  return {
    problems: desk.problems,
    notices: desk.notices,
    unread: desk.unread,
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

/** What all readers of a run have in common. */
interface Desk {
  readonly machine: SshReader;
  readonly knownHosts: KnownHostsFiles;
  readonly problems: Problem[];
  readonly notices: Problem[];
  readonly unread: string[];
  readonly answererOf: (opened: OpenedConfig) => Answerer;
}

function deskOf(machine: SshReader, knownHosts: KnownHostsFiles): Desk {
  const problems: Problem[] = [];
  const notices: Problem[] = [];
  // Relative Includes start at $HOME for ssh, other paths at the home of the password database.
  const ssh = findSsh({ ...machine.env, HOME: machine.home });
  const limit = pLimit(AT_ONCE);
  let bare: Promise<SshAnswer> | undefined;
  const answererOf = (opened: OpenedConfig): Answerer => {
    if (ssh === null) {
      addTo(problems, opened.text.faults);
      addTo(notices, unheeded(opened));
      return answersOfText(opened, machine.localUser);
    }
    const asking = answersOfSsh(ssh, opened, {
      bare: () => (bare ??= bareAnswer(ssh)),
      refused: (found) => addTo(problems, found),
    });
    return (query) => limit(asking, query);
  };
  return { machine, knownHosts, problems, notices, unread: [], answererOf };
}

/** As arguments of one call, which go on the stack, a hundred thousand are too many. */
function addTo(list: Problem[], more: readonly Problem[]): void {
  for (const each of more) list.push(each);
}

async function bareAnswer(ssh: NonNullable<ReturnType<typeof findSsh>>): Promise<SshAnswer> {
  // No file of a person's names this host, so that its HostName is none that they have written.
  const nobody = { address: 'fleet.invalid', user: null, port: null, hasJump: false };
  const asked = await askSsh(ssh, { ...nobody, file: 'none' });
  return asked.kind === 'answer' ? asked.values : new Map();
}

/** Null where no file says anything that is honoured: then there is nothing to ask. */
async function openReader(file: Setting | undefined, desk: Desk): Promise<Reader | null> {
  const { opened, problems } = await openSshConfig(file, desk.machine);
  addTo(desk.problems, problems);
  if (opened === null || opened.text.lines.length + opened.text.faults.length === 0) return null;
  const { programs, faults } = opened.text;
  // Where the text could not be followed to its end, a program may be named in the rest.
  if (!desk.machine.runPrograms && programs.length + faults.length > 0) {
    const places = programs.map(({ source, span }) => {
      const { file: path, line } = locate(source, span);
      return `${path}:${line}, which runs a program`;
    });
    desk.unread.push(...places, ...faults.map(({ message }) => message));
    return null;
  }
  const answer = desk.answererOf(opened);
  const keyOf = sharingOf(opened.text);
  const known = new Map<string, Promise<SshConfigLayer>>();
  return (query) => {
    const { address, user, port, hasJump } = query;
    const key = JSON.stringify([keyOf(address) ?? [address, user, port], hasJump]);
    const layer = known.get(key) ?? layerOf(opened, query, { answer, desk });
    known.set(key, layer);
    return layer;
  };
}

async function layerOf(
  opened: OpenedConfig,
  query: SshConfigQuery,
  { answer, desk }: { readonly answer: Answerer; readonly desk: Desk },
): Promise<SshConfigLayer> {
  const found = await answer(query);
  if (found === null) return EMPTY;
  const { layer, problems } = settingsOfAnswer(found, {
    ...desk.machine,
    text: opened.text,
    address: query.address,
    user: query.user ?? found.get('user')?.[0] ?? desk.machine.localUser,
    port: query.port ?? Number(found.get('port')?.[0] ?? 22),
    knownHosts: desk.knownHosts,
  });
  addTo(desk.problems, problems);
  return layer;
}

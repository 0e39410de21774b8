import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import type { Problem } from '../../errors/fleet-error.js';
import type { YamlFile } from '../yaml/file.js';
import { readDialect } from './form.js';
import { hasHostVars, readHostVars, readListing } from './listing.js';
import type { AnsibleReading } from './reading.js';

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

type Env = Readonly<Record<string, string | undefined>>;

/** What a program printed; of one that failed too, as far as it came. */
export interface Outcome {
  readonly text: string;
  readonly stderr?: string;
  readonly failure?: string;
}

export interface Program {
  readonly path: string;
  readonly shown: string;
}

/** What an inventory program printed: its listing, and the variables of each host that it was asked for. */
export interface ProgramOutput {
  readonly listing: YamlFile | null;
  readonly hosts: ReadonlyMap<string, YamlFile>;
  readonly problems: readonly Problem[];
}

/** As many as are asked at once, and as many as are asked at all. */
const AT_ONCE = 8;
const MAX_ASKED = 500;

/**
 * Runs an inventory program with `--list`. One that prints no variables of hosts is asked for each of
 * them with `--host`, as Ansible does.
 */
export async function runProgram(program: Program, env: Env): Promise<ProgramOutput> {
  const found = await outputOf(program, ['--list'], env);
  if ('failure' in found) {
    const message = `${program.shown}: the inventory program ${found.failure}`;
    const problem = { message, hint: `try: ${program.shown} --list` };
    return { listing: null, hosts: new Map(), problems: [problem] };
  }
  const { root } = found;
  const names = root === null || hasHostVars(root) ? [] : hostsListed(root.value);
  if (names.length > MAX_ASKED) {
    const message = `${program.shown} prints no _meta.hostvars, and has more than ${MAX_ASKED} hosts`;
    const hint = 'have --list print the variables of hosts below _meta.hostvars';
    return { listing: found, hosts: new Map(), problems: [{ message, hint }] };
  }
  return { listing: found, ...(await askEach(program, names, env)) };
}

async function askEach(program: Program, names: readonly string[], env: Env) {
  const limit = pLimit(AT_ONCE);
  const ask = (name: string) => outputOf(program, ['--host', name], env);
  const answers = await Promise.all(names.map((name) => limit(ask, name)));
  const hosts = new Map<string, YamlFile>();
  const problems: Problem[] = [];
  for (const [index, answer] of answers.entries()) {
    const name = names[index] ?? '';
    if (!('failure' in answer)) hosts.set(name, answer);
    else {
      const message = `${program.shown}: asked for ${name}, the inventory program ${answer.failure}`;
      problems.push({ message, hint: `try: ${program.shown} --host ${name}` });
    }
  }
  return { hosts, problems };
}

async function outputOf(
  program: Program,
  args: readonly string[],
  env: Env,
): Promise<YamlFile | { readonly failure: string }> {
  const outcome = await run(program.path, args, { env, cwd: dirname(program.path) });
  if (outcome.failure !== undefined) return { failure: outcome.failure };
  return readDialect(`${program.shown} ${args.join(' ')} (output)`, outcome.text);
}

/** Runs a program without input, and gives what it prints. */
export function run(
  path: string,
  args: readonly string[],
  place: { readonly env: Env; readonly cwd: string },
): Promise<Outcome> {
  const options = { ...place, env: { ...place.env }, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT };
  return new Promise((settle) => {
    const child = execFile(path, [...args], options, (error, stdout, stderr) => {
      if (error === null) return settle({ text: stdout });
      const lines = stderr.trim().split('\n');
      const last = lines.find((line) => line.startsWith('ERROR! ')) ?? lines.at(-1) ?? '';
      const how =
        error.killed === true ? 'gave no answer in time' : `failed: ${last || error.message}`;
      settle({ text: stdout, stderr, failure: how });
    });
    child.stdin?.end();
  });
}

/** The hosts of a listing, before it is read. */
function hostsListed(listing: unknown): readonly string[] {
  const groups = isMap(listing) ? Object.entries(listing) : [];
  const named = groups.flatMap(([name, group]): readonly unknown[] => {
    if (name === '_meta') return [];
    if (Array.isArray(group)) return group;
    if (!isMap(group)) return [];
    const isShort = !['hosts', 'vars', 'children'].some((part) => part in group);
    return isShort ? [name] : Array.isArray(group.hosts) ? group.hosts : [];
  });
  return [...new Set(named.map(String))];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Adds what a program printed to the inventory. */
export function readProgramOutput(
  output: ProgramOutput,
  into: { readonly problems: Problem[]; readonly readingOf: (yaml: YamlFile) => AnsibleReading },
): void {
  const { listing } = output;
  const { readingOf } = into;
  into.problems.push(...output.problems);
  if (listing === null) return;
  const reading = readingOf(listing);
  reading.problems.push(...listing.problems);
  if (listing.root === null) return;
  const names = readListing(reading, listing.root);
  for (const name of names) {
    const answer = output.hosts.get(name);
    if (answer === undefined || answer.isEmpty === true) continue;
    const own = readingOf(answer);
    own.problems.push(...answer.problems);
    if (answer.root !== null) readHostVars(own, name, answer.root);
  }
}

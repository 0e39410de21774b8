import type { Imported, ImportedHost, ImportFile, LeftOut } from '../imported.js';
import { HOOK, LeftOuts, NO_PLACE, NOT_READ, PLUGIN } from '../script/left-out.js';
import { type Statement, statementsOf, type Token } from '../script/token.js';
import { entryOf, isMapValue, textsOf, UNKNOWN, type Value } from '../script/value.js';
import { blocksOf, RubyScope } from './ruby-scope.js';
import { rubyTokens } from './ruby-tokens.js';
import { noteSshOptions, type SshFound } from './ssh-options.js';
import { unitIn } from './unit-in.js';

/** `config/deploy.rb`, and `config/deploy/STAGE.rb` by the name of each stage. */
export interface CapistranoFiles {
  readonly capfile: ImportFile | null;
  readonly deploy: ImportFile;
  readonly stages: ReadonlyMap<string, ImportFile>;
}

/** What is gathered from all files. */
interface Gathered extends SshFound {
  readonly scope: RubyScope;
  readonly hosts: ImportedHost[];
  readonly leftOut: LeftOut[];
  unit: Imported['unit'];
}

/** Settings that are used, or say nothing about a deploy by fleet. */
const USED = new Set(
  'application deploy_to keep_releases linked_files linked_dirs repo_url branch user ssh_options stage'.split(
    ' ',
  ),
);

/** Reads Capistrano's files. They are never run: what only running them would tell is left out, and listed. */
export function readCapistrano({ capfile, deploy, stages }: CapistranoFiles): Imported {
  const gathered: Gathered = {
    scope: new RubyScope(),
    hosts: [],
    leftOut: [],
    unit: null,
    user: null,
    port: null,
    identityFile: null,
  };
  if (capfile !== null) readFile(gathered, capfile, null);
  readFile(gathered, deploy, null);
  for (const [stage, file] of stages) readFile(gathered, file, stage);
  const { scope, hosts, leftOut, unit, user, port, identityFile } = gathered;
  const app = textOf(scope, 'application');
  return {
    tool: 'Capistrano',
    app,
    root: textOf(scope, 'deploy_to') ?? (app === null ? null : `/var/www/${app}`),
    keep: numberOf(scope, 'keep_releases'),
    shared: sharedOf(scope),
    unit,
    branch: textOf(scope, 'branch'),
    repository: textOf(scope, 'repo_url'),
    user: textOf(scope, 'user') ?? user,
    port,
    identityFile,
    jump: null,
    hosts,
    notes: ['The Ruby files were read, not run.'],
    leftOut,
  };
}

function readFile(gathered: Gathered, file: ImportFile, stage: string | null): void {
  const left = new LeftOuts(file.name, file.text);
  let inside = 0;
  for (const statement of statementsOf(rubyTokens(file.text))) {
    gathered.unit ??= unitIn(statement, file.name);
    const blocks = blocksOf(statement.tokens);
    if (inside === 0 && blocks > 0) left.add(statement.line, HOOK);
    else if (inside === 0) readStatement(gathered, statement, { left, stage });
    inside = Math.max(0, inside + blocks);
  }
  gathered.leftOut.push(...left.found);
}

interface Place {
  readonly left: LeftOuts;
  readonly stage: string | null;
}

function readStatement(gathered: Gathered, { tokens, line }: Statement, place: Place): void {
  const [head, ...rest] = tokens;
  if (head?.kind !== 'word') return place.left.add(line, NOT_READ);
  switch (head.value) {
    case 'lock':
      return;
    case 'set':
    case 'set_if_empty':
    case 'append':
      return readSetting(gathered, { how: head.value, rest, line }, place);
    case 'server':
    case 'role':
      return readHosts(gathered, { how: head.value, rest, line }, place);
    case 'require':
    case 'import':
    case 'load':
    case 'install_plugin':
      return isOwnPart(rest) ? undefined : place.left.add(line, PLUGIN);
    case 'after':
    case 'before':
    case 'task':
    case 'invoke':
      return place.left.add(line, HOOK);
    default:
      return place.left.add(line, NOT_READ);
  }
}

/** Capistrano's own parts, and its way to git. */
function isOwnPart(rest: readonly Token[]): boolean {
  const text = rest.map((token) => ('value' in token ? token.value : '')).join('');
  return /^(capistrano\/(setup|deploy|scm\/git)|Capistrano::SCM::Git)$/.test(text);
}

interface Call {
  readonly how: string;
  readonly rest: readonly Token[];
  readonly line: number;
}

function readSetting(gathered: Gathered, { how, rest, line }: Call, { left, stage }: Place): void {
  const { scope } = gathered;
  const [name, ...values] = scope.argumentsOf(rest);
  if (typeof name !== 'string') return left.add(line, NOT_READ);
  const [first = UNKNOWN] = values;
  const value = how === 'append' ? appended(scope.valueOf(name), values) : first;
  const before = scope.valueOf(name);
  if (how === 'set_if_empty' && before !== undefined) return;
  if (name === 'ssh_options')
    return noteSshOptions(gathered, value, (what) => left.add(line, what));
  if (stage !== null && USED.has(name) && before !== undefined && before !== value) {
    return left.add(line, {
      why: `it differs from the value before, and is for the stage ${stage} alone`,
      todo: `write it under environments: ${stage}:, if it may differ there`,
    });
  }
  if (value === UNKNOWN) return left.add(line, NOT_READ);
  scope.set(name, value);
  if (!USED.has(name) && !/unit_name$/.test(name)) left.add(line, NO_PLACE);
}

function appended(before: Value | undefined, values: readonly Value[]): Value {
  const all = textsOf(values);
  return all === null ? UNKNOWN : [...(textsOf(before) ?? []), ...all];
}

function readHosts(gathered: Gathered, { how, rest, line }: Call, { left, stage }: Place): void {
  const values = gathered.scope.argumentsOf(rest);
  const options = values.find(isMapValue);
  const [first, second] = values;
  const names = textsOf(how === 'server' ? first : second);
  const roles = how === 'server' ? textsOf(entryOf(options, 'roles')) : textsOf(first);
  if (names === null || names.length === 0) return left.add(line, NOT_READ);
  if (options?.entries.some(([key]) => !['user', 'port', 'roles', 'primary'].includes(key))) {
    left.add(line, { ...NO_PLACE, why: 'only user, port and roles of a server are used' });
  }
  for (const name of names) gathered.hosts.push(hostOf(name, options, groupsOf(stage, roles)));
}

function groupsOf(stage: string | null, roles: readonly string[] | null): readonly string[] {
  const named = (roles ?? []).filter((role) => role !== 'all');
  if (stage === null) return named.length > 0 ? named : ['servers'];
  return [stage, ...named.map((role) => `${stage}_${role}`)];
}

/** `user@host:port`, as both forms allow it. */
function hostOf(text: string, options: Value | undefined, groups: readonly string[]): ImportedHost {
  const [, user, name = text, port] = /^(?:([^@]+)@)?([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  const given = { user: entryOf(options, 'user'), port: entryOf(options, 'port') };
  return {
    name,
    user: typeof given.user === 'string' ? given.user : user,
    port: typeof given.port === 'number' ? given.port : port === undefined ? port : Number(port),
    groups,
  };
}

function sharedOf(scope: RubyScope): readonly string[] {
  const folders = textsOf(scope.valueOf('linked_dirs')) ?? [];
  const files = textsOf(scope.valueOf('linked_files')) ?? [];
  return [...folders.map((path) => `${path.replace(/\/+$/, '')}/`), ...files];
}

function textOf(scope: RubyScope, name: string): string | null {
  const value = scope.valueOf(name);
  return typeof value === 'string' ? value : null;
}

function numberOf(scope: RubyScope, name: string): number | null {
  const value = scope.valueOf(name);
  return typeof value === 'number' ? value : null;
}

import type { Imported, ImportFile } from '../imported.js';
import { HOOK, LeftOuts, NO_PLACE, NOT_READ, PLUGIN } from '../script/left-out.js';
import { type Statement, statementsOf, type Token } from '../script/token.js';
import { textsOf, UNKNOWN, type Value, ValueReader } from '../script/value.js';
import { phpTokens } from './php-tokens.js';
import { type DeployerHost, DeployerScope, deployerImport, USED_SETTINGS } from './settings.js';

/** Reads a `deploy.php`. It is never run: what only running it would tell is left out, and listed. */
export function readDeployerPhp(file: ImportFile): Imported {
  const scope = new DeployerScope();
  const hosts: DeployerHost[] = [];
  const left = new LeftOuts(file.name, file.text);
  for (const statement of statementsOf(phpTokens(file.text))) {
    readStatement(statement, { scope, hosts, left });
  }
  const found = deployerImport(scope, hosts);
  const notes = ['The PHP file was read, not run.', ...found.notes];
  return { ...found, notes, leftOut: left.found };
}

interface Recipe {
  readonly scope: DeployerScope;
  readonly hosts: DeployerHost[];
  readonly left: LeftOuts;
}

function readStatement({ tokens, line }: Statement, recipe: Recipe): void {
  const { scope, hosts, left } = recipe;
  const [head] = tokens;
  if (head?.kind !== 'word') return left.add(line, NOT_READ);
  const calls = callsOf(tokens, scope);
  const [name, value] = calls[0]?.values ?? [];
  switch (head.value) {
    case 'namespace':
    case 'use':
      return;
    case 'require':
    case 'require_once':
    case 'import':
      return isRecipe(tokens) ? undefined : left.add(line, PLUGIN);
    case 'set':
    case 'add':
      return noteSetting({ how: head.value, name, value: value ?? UNKNOWN, line }, recipe);
    case 'host': {
      const [first] = calls;
      const aliases = textsOf(first?.values) ?? [];
      if (aliases.length === 0) return left.add(line, NOT_READ);
      const own = ownSettings(calls.slice(1), (reason) => left.add(line, reason));
      for (const alias of aliases) hosts.push({ alias, own });
      return;
    }
    case 'task':
    case 'desc':
    case 'after':
    case 'before':
    case 'fail':
      return left.add(line, HOOK);
    default:
      return left.add(line, NOT_READ);
  }
}

/** Deployer's own recipes, by their names. */
const isRecipe = (tokens: readonly Token[]): boolean =>
  tokens.some((token) => token.kind === 'text' && /^recipe\/\w+(\.php)?$/.test(token.value));

interface Setting {
  readonly how: string;
  readonly name: Value | undefined;
  readonly value: Value;
  readonly line: number;
}

function noteSetting({ how, name, value, line }: Setting, { scope, left }: Recipe): void {
  if (typeof name !== 'string' || value === UNKNOWN) return left.add(line, NOT_READ);
  if (how === 'add') scope.add(name, value);
  else scope.set(name, value);
  if (!USED_SETTINGS.has(name)) left.add(line, NO_PLACE);
}

interface Chained {
  readonly name: string;
  readonly values: readonly Value[];
}

/** `host('a')->set('k', 'v')->setPort(22)`: each call with its arguments. */
function callsOf(tokens: readonly Token[], scope: DeployerScope): readonly Chained[] {
  const reader = new ValueReader(tokens, scope);
  const calls: Chained[] = [];
  while (reader.at < tokens.length) {
    const name = reader.peekWord();
    reader.at += 1;
    if (name === null || !reader.peekMark('(')) continue;
    reader.at += 1;
    calls.push({ name, values: reader.values(')') });
    if (!reader.peekMark('->')) break;
  }
  return calls;
}

/** The setters of a host, of version 7 and before. */
const SETTERS: Readonly<Record<string, string>> = {
  setHostname: 'hostname',
  hostname: 'hostname',
  setRemoteUser: 'remote_user',
  user: 'remote_user',
  setPort: 'port',
  port: 'port',
  setIdentityFile: 'identity_file',
  identityFile: 'identity_file',
  setDeployPath: 'deploy_path',
  setLabels: 'labels',
  stage: 'stage',
  roles: 'stage',
};

function ownSettings(
  calls: readonly Chained[],
  leave: (reason: typeof NO_PLACE) => void,
): ReadonlyMap<string, Value> {
  const own = new Map<string, Value>();
  for (const { name, values } of calls) {
    const isSet = name === 'set';
    const [first, second] = values;
    const key = isSet ? first : SETTERS[name];
    const value = isSet ? second : values.length > 1 ? values : first;
    if (typeof key !== 'string' || value === undefined || value === UNKNOWN) leave(NOT_READ);
    else if (USED_SETTINGS.has(key)) own.set(key, value);
    else leave({ ...NO_PLACE, why: `fleet has no setting for ${key} of a host` });
  }
  return own;
}

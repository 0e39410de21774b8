import type { Imported, ImportedHost } from '../imported.js';
import { fillTemplate } from '../script/template.js';
import { isList, type Scope, textsOf, type Value } from '../script/value.js';

/** The settings that are used, or that say nothing about a deploy by fleet. */
export const USED_SETTINGS = new Set(
  'application repository branch keep_releases shared_files shared_dirs deploy_path remote_user port identity_file hostname alias labels user stage'.split(
    ' ',
  ),
);

/** What a recipe has set; `{{name}}` in a text is replaced by it. */
export class DeployerScope implements Scope {
  readonly #values = new Map<string, Value>();

  valueOf = (name: string): Value | undefined => this.#values.get(name);

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  add(name: string, value: Value): void {
    const before = this.#values.get(name);
    const lists: readonly Value[] = [before ?? [], value];
    if (lists.every(isList)) this.#values.set(name, lists.flat());
  }

  fill = (text: string, interpolated: boolean): string | null =>
    interpolated && /\$[A-Za-z_{]/.test(text) ? null : text;

  /** A text with its placeholders replaced; null if one is not known. */
  filled(value: Value | undefined, own: ReadonlyMap<string, Value> = new Map()): string | null {
    if (typeof value !== 'string') return null;
    let text: string | null = value;
    // A placeholder may stand for a text with another one; not for itself.
    for (let depth = 0; depth < 5 && text?.includes('{{'); depth++) {
      text = fillTemplate(
        text,
        /\{\{\s*([\w/-]+)\s*\}\}/g,
        (name) => own.get(name) ?? this.#values.get(name),
      );
    }
    return text === null || text.includes('{{') ? null : text;
  }
}

/** A host of a recipe with its own settings. */
export interface DeployerHost {
  readonly alias: string;
  readonly own: ReadonlyMap<string, Value>;
}

function importedHost({ alias, own }: DeployerHost, scope: DeployerScope): ImportedHost {
  const text = (name: string): string | undefined => scope.filled(own.get(name)) ?? undefined;
  const port = own.get('port');
  return {
    name: alias,
    address: text('hostname'),
    user: text('remote_user') ?? text('user'),
    port: typeof port === 'number' ? port : undefined,
    groups: groupsOf(own),
  };
}

/** The values of its labels, e.g. `prod` and `web` of stage=prod and role=web. */
function groupsOf(own: ReadonlyMap<string, Value>): readonly string[] {
  const labels = own.get('labels');
  const values =
    typeof labels === 'object' && labels !== null && 'entries' in labels && !isList(labels)
      ? labels.entries.flatMap(([, value]) => textsOf(value) ?? [])
      : [];
  const stage = textsOf(own.get('stage')) ?? [];
  const groups = [...new Set([...stage, ...values])];
  return groups.length > 0 ? groups : ['servers'];
}

/** What a recipe says, in PHP or YAML. */
export function deployerImport(
  scope: DeployerScope,
  hosts: readonly DeployerHost[],
): Omit<Imported, 'leftOut'> {
  const filled = (name: string): string | null => scope.filled(scope.valueOf(name));
  const folders = textsOf(scope.valueOf('shared_dirs')) ?? [];
  const files = textsOf(scope.valueOf('shared_files')) ?? [];
  const keep = scope.valueOf('keep_releases');
  const roots = hosts.map(({ alias, own }) =>
    scope.filled(
      own.get('deploy_path') ?? scope.valueOf('deploy_path'),
      new Map([...own, ['alias', alias]]),
    ),
  );
  const port = scope.valueOf('port');
  return {
    tool: 'Deployer',
    app: filled('application'),
    root: roots.find((each) => each !== null) ?? filled('deploy_path'),
    keep: typeof keep === 'number' && keep > 0 ? keep : null,
    shared: [...folders.map((path) => `${path.replace(/^\/+|\/+$/g, '')}/`), ...files],
    unit: null,
    branch: filled('branch'),
    repository: filled('repository'),
    user: filled('remote_user'),
    port: typeof port === 'number' ? port : null,
    identityFile: filled('identity_file'),
    jump: null,
    hosts: hosts.map((host) => importedHost(host, scope)),
    notes: [
      ...(new Set(roots).size > 1
        ? ['deploy_path is not the same on all hosts: fleet has one root for an app.']
        : []),
    ],
  };
}

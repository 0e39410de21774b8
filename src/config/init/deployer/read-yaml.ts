import type { Imported, ImportFile } from '../imported.js';
import { HOOK, LeftOuts, NO_PLACE, PLUGIN } from '../script/left-out.js';
import { isList, textsOf } from '../script/value.js';
import { readYamlValues, type YamlRead } from '../script/yaml-values.js';
import { type DeployerHost, DeployerScope, deployerImport, USED_SETTINGS } from './settings.js';

/** Reads a `deploy.yaml` of Deployer. */
export function readDeployerYaml(file: ImportFile): Imported {
  const left = new LeftOuts(file.name, file.text);
  const scope = new DeployerScope();
  const hosts: DeployerHost[] = [];
  const yaml = readYamlValues(file);
  if (yaml.problem !== null) {
    const { line, message } = yaml.problem;
    left.add(line, { why: message, todo: 'mend the file, and run init again' });
  }
  for (const [key, { value, node, line }] of yaml.entriesOf(yaml.root ?? undefined)) {
    if (key === 'config') noteSettings(yaml.entriesOf(node), { scope, left });
    else if (key === 'hosts') hosts.push(...hostsOf(yaml, yaml.entriesOf(node), left));
    else if (key === 'import') {
      const others = (isList(value) ? textsOf(value) : textsOf(value)) ?? [];
      if (!others.every((each) => /^recipe\/\w+(\.php)?$/.test(each))) left.add(line, PLUGIN);
    } else left.add(line, HOOK);
  }
  return { ...deployerImport(scope, hosts), leftOut: left.found };
}

type Entries = ReturnType<YamlRead['entriesOf']>;

function noteSettings(
  entries: Entries,
  { scope, left }: { readonly scope: DeployerScope; readonly left: LeftOuts },
): void {
  for (const [name, { value, line }] of entries) {
    scope.set(name, value);
    if (!USED_SETTINGS.has(name)) left.add(line, NO_PLACE);
  }
}

function hostsOf(yaml: YamlRead, entries: Entries, left: LeftOuts): readonly DeployerHost[] {
  return [...entries].map(([alias, { node }]) => {
    const own = [...yaml.entriesOf(node)];
    for (const [name, { line }] of own) {
      if (!USED_SETTINGS.has(name)) left.add(line, NO_PLACE);
    }
    return { alias, own: new Map(own.map(([name, { value }]) => [name, value])) };
  });
}

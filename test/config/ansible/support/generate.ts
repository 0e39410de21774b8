import fc from 'fast-check';
import { iniFile } from './generate-ini.js';
import { GROUPS, pick } from './generate-values.js';
import { connection, type Text } from './generate-variables.js';
import { yamlFile, yamlVars } from './generate-yaml.js';

/** Files of a folder, and which of its paths are named by `-i`. */
export interface Tree {
  readonly files: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
}

const varsText: Text = fc.oneof(
  { weight: 5, arbitrary: yamlVars().map((lines) => `---\n${lines.join('\n')}\n`) },
  connection.map(([name, value]) => JSON.stringify({ [name]: value, x: 1.5, y: null, Role: [1] })),
  pick(['', '---\n', '# nothing\n', '{}\n']),
);

/** One owner's files, as a file or as a folder, and what must not count among them. */
const varsOf = (folder: string, owner: string): fc.Arbitrary<Record<string, string>> =>
  fc.oneof(
    fc
      .tuple(pick(['', '.yml', '.yaml', '.json']), varsText)
      .map(([extension, text]) => ({ [`${folder}/${owner}${extension}`]: text })),
    fc
      .tuple(varsText, varsText)
      .map(([one, two]) => ({ [`${folder}/${owner}.yml`]: one, [`${folder}/${owner}.yaml`]: two })),
    fc
      .dictionary(
        pick([
          'a.yml',
          'z',
          'b.json',
          '.hidden.yml',
          'old.yml~',
          'x.txt',
          'sub/c.yml',
          'sub.d/d.yml',
          'M.yaml',
        ]),
        varsText,
        { minKeys: 1, maxKeys: 3 },
      )
      .map((files) =>
        Object.fromEntries(
          Object.entries(files).map(([name, text]) => [`${folder}/${owner}/${name}`, text]),
        ),
      ),
  );

const varsTree = (folder: string): fc.Arbitrary<Record<string, string>> => {
  const groups = fc
    .uniqueArray(pick([...GROUPS, 'other']), { maxLength: 3 })
    .chain((names) => fc.tuple(...names.map((name) => varsOf(`${folder}group_vars`, name))));
  const hosts = fc
    .uniqueArray(pick(['h1', 'h2', 'web1.example.org', 'w1', 'n8', 'nobody']), { maxLength: 2 })
    .chain((names) => fc.tuple(...names.map((name) => varsOf(`${folder}host_vars`, name))));
  return fc.tuple(groups, hosts).map(([one, two]) => Object.assign({}, ...one, ...two));
};

const INI_FILES = ['hosts', 'a.ini', 'prod', '10-hosts', 'z.inv'];
const YAML_FILES = ['hosts.yml', 'b.yaml', '20-more.yml', 'inventory'];

const inventoryFile = fc.oneof(
  fc.tuple(pick(INI_FILES), iniFile),
  fc.tuple(pick(YAML_FILES), yamlFile),
);

/** One folder, or files of one or two folders by name, with the files of variables beside them. */
export const tree: fc.Arbitrary<Tree> = fc
  .tuple(
    fc.uniqueArray(inventoryFile, { minLength: 1, maxLength: 3, selector: ([name]) => name }),
    varsTree('inv/'),
    fc.option(fc.tuple(inventoryFile, varsTree('more/')), { nil: null, freq: 4 }),
    fc.boolean(),
  )
  .map(([files, vars, more, isFolder]) => {
    const texts = Object.fromEntries(files.map(([name, text]) => [`inv/${name}`, text]));
    const named = isFolder ? ['inv'] : Object.keys(texts);
    if (more === null) return { files: { ...texts, ...vars }, paths: named };
    const [[name, text], others] = more;
    return {
      files: { ...texts, ...vars, [`more/${name}`]: text, ...others },
      paths: [...named, `more/${name}`],
    };
  });

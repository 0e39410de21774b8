import fc from 'fast-check';
import {
  ADDRESSES,
  GROUPS,
  HOSTS,
  INI_TAILS,
  INI_WORDS,
  PATTERNS,
  pick,
  QUOTED_SSH_ARGS,
  SSH_ARGS,
  USERS,
  YAML_VALUES,
} from './generate-values.js';

/** Files of a folder, and which of its paths are named by `-i`. */
export interface Tree {
  readonly files: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
}

type Text = fc.Arbitrary<string>;

const ARGS = ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args'];

/** Variables of a connection as NAME and the text of the value, without quotes of the file's form. */
const connection: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(pick(['ansible_host', 'ansible_ssh_host']), pick(ADDRESSES)),
  fc.tuple(pick(['ansible_port', 'ansible_ssh_port']), pick(['22', '2222', '65535'])),
  fc.tuple(pick(['ansible_user', 'ansible_ssh_user']), pick(USERS)),
  fc.tuple(
    pick(['ansible_ssh_private_key_file', 'ansible_private_key_file']),
    pick(['~/.ssh/id', '/k/id', 'keys/id']),
  ),
  fc.tuple(pick(ARGS), pick([...SSH_ARGS, ...QUOTED_SSH_ARGS].map(([text]) => text))),
);

const NAMES = ['x', 'y', 'http_port', 'x.y', 'Role'];
const priority = fc.tuple(fc.constant('ansible_group_priority'), pick(['2', '5', '10', '-1']));

const shellQuoted = (text: string): Text => {
  const double = `"${text.replaceAll('"', '\\"')}"`;
  const bare = /^[\w./~:@-]+$/.test(text) ? [text] : [];
  return pick([...bare, `'${text}'`, double]);
};

const iniAssignment: Text = fc.oneof(
  {
    weight: 3,
    arbitrary: connection.chain(([name, value]) =>
      shellQuoted(value).map((each) => `${name}=${each}`),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(pick(NAMES), pick(INI_WORDS)).map(([name, value]) => `${name}=${value}`),
  },
);

const comment: Text = pick(['', '', '', ' # a comment', ' #x=1', '\t# "', '  ']);

const iniHost: Text = fc
  .tuple(
    pick(PATTERNS),
    fc.array(iniAssignment, { maxLength: 3 }),
    pick([' ', '  ', '\t']),
    comment,
  )
  .map(([host, vars, gap, end]) => [host, ...vars].join(gap) + end);

/** Here quotes are Python's, and bare text is as good. */
const iniTail: Text = fc.oneof(
  connection.chain(([name, value]) =>
    pick([value, ...(value.includes('"') ? [] : [`"${value}"`]), `'${value}'`]).chain((text) =>
      pick(['=', ' = ', '= ', ' =']).map((equals) => `${name}${equals}${text}`),
    ),
  ),
  fc.tuple(pick(NAMES), pick(['=', ' = ']), pick(INI_TAILS)).map((parts) => parts.join('')),
  priority.map(([name, value]) => `${name}=${value}`),
);

/**
 * Groups that a group may hold: those after it, so that a circle, which Ansible refuses, is rare. `all`
 * and `ungrouped` may hold any.
 */
const childrenOf = (group: string): Text => {
  const groups = GROUPS.slice(0, 7);
  const below = groups.slice(groups.indexOf(group) + 1);
  return pick(below.length === 0 ? ['g1'] : below);
};

const noise: Text = pick(['', '# comment', '; comment', '   ', '#[x]']);

const iniSection: Text = fc
  .tuple(pick(GROUPS), fc.integer({ min: 0, max: 9 }))
  .chain(([group, kind]) => {
    const head = (suffix: string): Text =>
      pick([`[${group}${suffix}]`, `[${group}${suffix}]  # c`, ` [${group}${suffix}]`]);
    const lines = (line: Text): fc.Arbitrary<string[]> =>
      fc.array(fc.oneof({ weight: 5, arbitrary: line }, noise), { maxLength: 5 });
    // A host with the name of a group is in that group; elsewhere Ansible loses it.
    const self = group === 'h1' ? ['h1'] : [];
    if (kind < 5)
      return fc
        .tuple(head(''), lines(iniHost))
        .map(([first, rest]) => [first, ...self, ...rest].join('\n'));
    if (kind < 8)
      return fc
        .tuple(head(':vars'), lines(iniTail))
        .map(([first, rest]) => [first, ...rest].join('\n'));
    const child = fc.tuple(childrenOf(group), pick(['', ' # c'])).map((parts) => parts.join(''));
    return fc
      .tuple(head(':children'), lines(child))
      .map(([first, rest]) => [first, ...rest].join('\n'));
  });

/** Sections that are named but not there would make most files wrong: they are added at the end. */
const iniFile: Text = fc
  .tuple(
    fc.array(iniHost, { maxLength: 3 }),
    fc.array(iniSection, { minLength: 1, maxLength: 7 }),
    pick(['\n', '\r\n']),
  )
  .map(([loose, sections, end]) => {
    const missing = GROUPS.filter((group) => group !== 'all' && group !== 'ungrouped').map(
      (group) => (group === 'h1' ? '[h1]\nh1' : `[${group}]`),
    );
    const named = missing.filter((head) =>
      sections.join('\n').includes(head.slice(1, head.indexOf(']'))),
    );
    return [...loose, ...sections, ...named, ''].join('\n').replaceAll('\n', end);
  });

const yamlQuoted = (text: string): Text => {
  const bare = /^[\w./~-]+$/.test(text) ? [text] : [];
  return pick([...bare, `'${text.replaceAll("'", "''")}'`, JSON.stringify(text)]);
};

const yamlAssignment: Text = fc.oneof(
  {
    weight: 3,
    arbitrary: connection.chain(([name, value]) =>
      yamlQuoted(value).map((each) => `${name}: ${each}`),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(pick(NAMES), pick(YAML_VALUES)).map(([name, value]) => `${name}: ${value}`),
  },
);

const indent = (text: string, by = '  '): string =>
  text
    .split('\n')
    .map((line) => by + line)
    .join('\n');

const yamlVars = (more: Text[] = []): fc.Arbitrary<readonly string[]> =>
  fc.array(fc.oneof({ weight: 6, arbitrary: yamlAssignment }, ...more), { maxLength: 4 });

const yamlKey = (name: string): Text =>
  /^[\w.-]+$/.test(name) ? pick([name, `"${name}"`]) : fc.constant(`"${name}"`);

const yamlHosts: Text = fc.oneof(
  {
    weight: 1,
    arbitrary: pick(HOSTS)
      .chain(yamlKey)
      .map((host) => `hosts: ${host}`),
  },
  {
    weight: 6,
    arbitrary: fc
      .uniqueArray(pick(PATTERNS), { maxLength: 4 })
      .chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            fc
              .tuple(yamlKey(name), yamlVars())
              .map(([key, vars]) =>
                vars.length === 0 ? `${key}:` : `${key}:\n${indent(vars.join('\n'))}`,
              ),
          ),
        ),
      )
      .map((hosts) => (hosts.length === 0 ? 'hosts: {}' : `hosts:\n${indent(hosts.join('\n'))}`)),
  },
);

const yamlGroup = (group: string, depth: number): Text => {
  const vars = yamlVars([priority.map(([name, value]) => `${name}: ${value}`)]).map((lines) =>
    lines.length === 0 ? 'vars:' : `vars:\n${indent(lines.join('\n'))}`,
  );
  const children: Text =
    depth === 0
      ? fc.oneof(
          pick(['children:', 'children: {}']),
          childrenOf(group).map((child) => `children: ${child}`),
        )
      : fc
          .uniqueArray(childrenOf(group), { maxLength: 3 })
          .chain((names) => fc.tuple(...names.map((name) => yamlEntry(name, depth - 1))))
          .map((groups) =>
            groups.length === 0 ? 'children:' : `children:\n${indent(groups.join('\n'))}`,
          );
  return fc.subarray([vars, children, yamlHosts], { minLength: 0 }).chain((parts) =>
    parts.length === 0
      ? fc.constant('')
      : fc
          .shuffledSubarray([...parts], { minLength: parts.length })
          .chain((order) => fc.tuple(...order))
          .map((texts) => texts.join('\n')),
  );
};

const yamlEntry = (name: string, depth: number): Text =>
  yamlGroup(name, depth).map((body) => (body === '' ? `${name}:` : `${name}:\n${indent(body)}`));

const yamlFile: Text = fc
  .uniqueArray(pick(GROUPS.slice(0, 9)), { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.tuple(
      fc.boolean(),
      fc.tuple(
        ...['all', ...names.filter((name) => name !== 'all')].map((name) => yamlEntry(name, 2)),
      ),
    ),
  )
  .map(
    ([hasAll, groups]) =>
      `${(hasAll || groups.length < 2 ? groups : groups.slice(1)).join('\n')}\n`,
  );

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

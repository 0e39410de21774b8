import fc from 'fast-check';
import { GROUPS, HOSTS, PATTERNS, pick, YAML_VALUES } from './generate-values.js';
import { childrenOf, connection, NAMES, priority, type Text } from './generate-variables.js';

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

export const yamlVars = (more: Text[] = []): fc.Arbitrary<readonly string[]> =>
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

export const yamlFile: Text = fc
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

import fc from 'fast-check';
import { GROUPS, INI_TAILS, INI_WORDS, PATTERNS, pick } from './generate-values.js';
import { childrenOf, connection, NAMES, priority, type Text } from './generate-variables.js';

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
export const iniFile: Text = fc
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

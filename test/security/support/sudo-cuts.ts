/** Command lines by which a login would get more than a line of sudoers means. */

/** Arguments that would change who runs something, or what; put in at every place. */
const HOSTILE: readonly string[] = [
  ...[
    '--uid=0',
    '--uid=root',
    '--uid',
    '0',
    '--gid=0',
    '-p',
    '--property=User=root',
    '-pUser=root',
  ],
  ...[
    '--property=AmbientCapabilities=~',
    '--pty',
    '--pipe',
    '--shell',
    '--scope',
    '--slice=x.slice',
  ],
  ...[
    '--working-directory=/tmp',
    '--setenv=LD_PRELOAD=/tmp/x',
    '--on-active=1ms',
    '--unit=fleet-y',
  ],
  ...[
    '--user',
    '--machine=.host',
    '-H',
    '--host=evil',
    '--root=/tmp',
    '--image=/tmp/x',
    '--',
    '-',
    '',
  ],
  ...[' ', '\t', '\n', '*', '/bin/sh', '-c', 'id', '--help', '--force', '--no-block', '--now'],
];

/** Options of sudo itself, before the command. */
const SUDO_OPTIONS: readonly (readonly string[])[] = [
  ...[
    ['-u', 'root'],
    ['-u', '#0'],
    ['-u', '#-1'],
    ['-g', 'root'],
    ['-g', '#0'],
    ['-P'],
    ['-H'],
    ['-E'],
  ],
  ...[['-D', '/tmp'], ['-R', '/'], ['-C', '3'], ['-s'], ['-i'], ['-e'], ['-T', '1'], ['--']],
  ...[
    ['LD_PRELOAD=/tmp/x'],
    ['PATH=/tmp'],
    ['SYSTEMD_LOG_LEVEL=debug'],
    ['LC_ALL=/tmp/x'],
    ['TZ=/tmp/x'],
  ],
];

/** A command that a line of sudoers allows, with every pattern in it replaced by what it matches. */
export function commandsOf(line: string): readonly (readonly string[])[] {
  const [, allowed = ''] = /NOPASSWD: (.*)$/.exec(line) ?? [];
  const commands = allowed.includes('systemd-run') ? [allowed] : allowed.split(/(?<!\\), /);
  return commands.map((command) =>
    command
      .replace(/^\S*(systemd-run|systemctl)\$? \^?/, '$1 ')
      .replace(/\$$/, '')
      .replaceAll('[A-Za-z0-9._-]+', 'x2')
      .replaceAll('[0-9a-f]+', 'ab')
      .replaceAll('[0-9]+', '1')
      .replace(/\\(.)/g, '$1')
      .split(' '),
  );
}

/** All the ways in which these words can be fewer arguments, some of them joined by blanks. */
function cuts(words: readonly string[]): readonly (readonly string[])[] {
  const [first = '', ...rest] = words;
  return rest.reduce<readonly (readonly string[])[]>(
    (all, word) =>
      all.flatMap((done) => [
        [...done, word],
        [...done.slice(0, -1), `${done.at(-1)} ${word}`],
      ]),
    [[first]],
  );
}

/** Cuts of the options in every way, of what follows in those ways that could matter. */
function everyCut(args: readonly string[]): readonly (readonly string[])[] {
  const options = args.findIndex((word) => !word.startsWith('--')) + 1;
  const [head, tail] = [args.slice(0, options), args.slice(options)];
  const joins = tail.map((_, at) => [
    ...args.slice(0, options + at - 1),
    args.slice(options + at - 1, options + at + 1).join(' '),
    ...args.slice(options + at + 1),
  ]);
  return [
    ...cuts(head).flatMap((cut) => [
      [...cut, ...tail],
      [...cut.slice(0, -1), [cut.at(-1), ...tail].join(' ')],
      ...(tail.length === 0 ? [] : [[...cut, tail.join(' ')]]),
    ]),
    ...joins,
  ];
}

function insertions(args: readonly string[]): readonly (readonly string[])[] {
  const between = [...args, null].flatMap((_, at) =>
    HOSTILE.map((word) => [...args.slice(0, at), word, ...args.slice(at)]),
  );
  // As a part of its neighbour.
  const within = args.flatMap((word, at) =>
    HOSTILE.slice(0, 3).map((more) => args.with(at, `${word} ${more}`)),
  );
  return [...between, ...within];
}

/** The words joined by what is no blank to sudo but may be one to someone else. */
function otherBlanks(args: readonly string[]): readonly (readonly string[])[] {
  return args
    .slice(1)
    .flatMap((_, at) =>
      ['\t', '\n', '\r', '\v', '\u00a0', '  ', ''].map((blank) => [
        ...args.slice(0, at),
        `${args[at]}${blank}${args[at + 1]}`,
        ...args.slice(at + 2),
      ]),
    );
}

/** One word after the other in the place of another, or away. */
function changed(args: readonly string[]): readonly (readonly string[])[] {
  const swaps = args.flatMap((_, from) =>
    args.map((_, to) => {
      const left = args.filter((__, at) => at !== from);
      return [...left.slice(0, to), args[from] ?? '', ...left.slice(to)];
    }),
  );
  const fewer = args.map((_, at) => args.filter((__, other) => other !== at));
  const users = [
    '0',
    'root',
    'deploy,root',
    'deploy:root',
    '+0',
    '00',
    '-1',
    '',
    ' deploy',
    'deploy ',
  ];
  const others = users.map((user) =>
    args.map((word) => word.replace(/^--uid=.*/, `--uid=${user}`)),
  );
  const paths = ['/opt/shop/../../tmp', '/tmp', '/opt/shop/.fleet/bin/../../x', '//opt/shop'];
  const elsewhere = paths.map((path) => args.map((word) => word.replaceAll('/opt/shop', path)));
  return [...swaps, ...fewer, ...others, ...elsewhere];
}

/** What a sudo without regular expressions takes a line for: text to be matched as a name of a file. */
function asWildcard(args: readonly string[]): readonly (readonly string[])[] {
  const text = `^${args.join(' ').replaceAll('x2', 'x+').replaceAll('=1ms', '=1+ms').replaceAll('/ab', '/a+')}$`;
  return [[text], text.split(' '), [`./${text}`], [text.slice(1)], [text.replace('^', './^')]];
}

/** Words after `sudo -n`, one list a command line: what is meant comes first. */
export function commandLines([
  command = '',
  ...args
]: readonly string[]): readonly (readonly string[])[] {
  const lines = [
    args,
    ...everyCut(args),
    ...insertions(args),
    ...otherBlanks(args),
    ...changed(args),
    ...asWildcard(args),
    ...asWildcard(args).map((words) => words.map((word) => word.replace('--uid=', '--unit='))),
    [],
    [''],
    [args.join(' ')],
  ].map((words) => [command, ...words]);
  const options = SUDO_OPTIONS.flatMap((option) => [
    [...option, command, ...args],
    [...option, command],
  ]);
  const names = [
    `/usr/bin/${command}`,
    `/bin/${command}`,
    `./${command}`,
    `/tmp/${command}`,
    `../usr/bin/${command}`,
  ];
  const paths = names.map((name) => [name, ...args]);
  const all = [...lines, ...options, ...paths];
  return [...new Map(all.map((words) => [JSON.stringify(words), words])).values()];
}

/** Options of systemd-run that have a value, of those which could be come by. */
const VALUED =
  /^--(uid|gid|unit|property|slice|on-active|timer-property|working-directory|setenv|machine|host)$/;

/**
 * As whom systemd would run what systemd-run was started with: a user, or null where it starts nothing. It
 * is stricter than systemd-run is: what is not clearly someone else is root.
 */
export function runsAs(args: readonly string[]): string | null {
  let user = 'root';
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (!word.startsWith('-') || word === '--') return word === '' ? null : user;
    const [name = '', value] = word.includes('=')
      ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
      : [word];
    // An option that has a blank in its name is none.
    if (/\s/.test(name)) return null;
    const given = VALUED.test(name) && value === undefined ? args[++at] : value;
    if (name !== '--uid') continue;
    // No user has a blank, and systemd refuses one of whom it does not know.
    if (given === undefined || /[\s/]/.test(given)) return null;
    user = /^\+?0*$/.test(given) ? 'root' : given;
  }
  return null;
}

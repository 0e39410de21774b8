import type { ServerChannel } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { playedBastion } from './support/played-bastion.js';
import { type Answer, honestly, playHost } from './support/played-host.js';

/** A title, a clipboard, C1, bidi, what has no width, and separators: nothing that may be shown raw. */
const NASTY =
  'a\x1b]0;t\x07\x1b]52;c;QQ==\x1b\\b\x9b2Jc\x85\u202ed\u2066\u200b\u061c\u2028e\u{e0041}\x7f\x08f';
const IN_JSON = JSON.stringify(NASTY).slice(1, -1);

/** What no output may hold, beside our own colours and moves of the cursor. */
const RAW = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const OURS = /\x1b\[(?:\?25[lh]|\d*[ABJK]|[\d;]*m)|\r/g;

const rawIn = (text: string): readonly string[] => text.replace(OURS, '').match(RAW) ?? [];

/** Answers of the host program, with another text in place of each that people are to read. */
const nastily: Answer = ({ perform, words, channel, end }) => {
  const lines = perform().map((line) =>
    line.replace(
      /"(owner|what|reason|message|version|deployer|app)":(?:"[^"]*"|null)/g,
      (_, key) => `"${key}":"${IN_JSON}"`,
    ),
  );
  const note = `{"event":"note","message":"${IN_JSON}"}`;
  const probe = `{"event":"probe","healthy":false,"reason":"${IN_JSON}"}`;
  const told = words.includes('verify') ? [note, probe] : [note];
  channel.stderr.write(`${NASTY}\n`);
  channel.write(`${NASTY}\n|journal|${NASTY}\n${[...told, ...lines].join('\n')}\n`);
  end();
};

/** As nastily, and then the switch fails with all that a failure can have. */
const failing: Answer = (call) => {
  if (!call.words.includes('activate')) return nastily(call);
  const { channel, end } = call;
  const arm = '{"verb":"arm","ok":true,"phase":"armed"}';
  const message = `"code":"service_failed","message":"${IN_JSON}"`;
  channel.stderr.write(`${NASTY}\n`);
  channel.write(
    `${arm}\n|journal|${NASTY}\n{"verb":"activate","ok":false,"phase":"armed",${message}}\n`,
  );
  end();
};

/** Names that are none, and lines that are no JSON. */
const lying: Answer = ({ perform, channel, end }) => {
  const lines = perform().map((line) =>
    line.replace(/"(txn|user|unit|digest)":(?:"[^"]*"|null)/g, (_, key) => `"${key}":"${IN_JSON}"`),
  );
  channel.write(`${lines.join('\n')}\n{"verb":"${NASTY}\n`);
  end();
};

const onExec =
  (name: string, answer: Answer) =>
  (command: string, channel: ServerChannel): void => {
    if (/ (serve|step) /.test(command)) return playHost(name, answer)(command, channel);
    channel.on('error', () => undefined);
    channel.stderr.write(NASTY);
    channel.write(NASTY);
    channel.exit(3);
    channel.end();
  };

const bastionWith = (answer: Answer) =>
  playedBastion({
    hosts: { good: onExec('good', honestly), evil: onExec('evil', answer) },
    each: { vars: { note: NASTY }, labels: { zone: 'a' } },
  });

const READING = [
  ['check'],
  ['inventory', '-g', 'web'],
  ['doctor', '-g', 'web'],
  ['doctor', '-g', 'web', '--install-guard', '--yes'],
  ['status', '-g', 'web'],
  ['releases', '-g', 'web'],
  ['deploy', '-g', 'web', '--dry-run'],
  ['rollback', '-g', 'web', '--dry-run'],
  ['lock', 'status', '-g', 'web'],
  ['recover', '-g', 'web', '--yes'],
  ['exec', '-g', 'web', '--', 'anything'],
  ['history'],
  ['show', '20'],
  ['status', '-g', NASTY],
  ['status', '-g', 'web', '-c', NASTY],
  ['deploy', '-g', 'web', '--yes', '--from', `./${NASTY}`],
  ['deploy', '-g', 'web', '--yes', '--release', NASTY],
  ['rollback', '-g', 'web', '--yes', '--to', NASTY],
  ['show', NASTY],
  ['resume', NASTY],
  [NASTY],
  ['status', `--${NASTY}`],
];
const MODES = [
  ['--output', 'tree'],
  ['--output', 'plain', '-vv'],
  ['--output', 'ndjson'],
  ['--quiet'],
  ['--json'],
];

describe.each([
  ['whose texts are hostile', nastily],
  ['that fails with hostile texts', failing],
  ['whose names are hostile', lying],
] as const)('beside a host %s', (_what, answer) => {
  test('no command has a raw character in any of its outputs', async () => {
    const bastion = await bastionWith(answer);
    const said = new Map<string, readonly string[]>();
    const run = async (...argv: readonly string[]): Promise<void> => {
      const { stdout, stderr } = await bastion.fleet(...argv);
      said.set(JSON.stringify(argv), [...rawIn(stdout), ...rawIn(stderr)]);
      expect(stdout + stderr, JSON.stringify(argv)).not.toBe('');
    };
    for (const mode of MODES) await run('deploy', '-g', 'web', '--yes', ...mode);
    for (const mode of MODES) await run('rollback', '-g', 'web', '--yes', ...mode);
    for (const argv of READING) {
      await run(...argv);
      const at = argv.indexOf('--');
      await run(
        ...argv.slice(0, at === -1 ? argv.length : at),
        '--json',
        ...(at === -1 ? [] : argv.slice(at)),
      );
    }
    const raw = [...said].filter(([, found]) => found.length > 0);
    expect(raw).toEqual([]);
    expect(said.size).toBeGreaterThan(50);
    expect((await bastion.fleet('exec', '-g', 'web', '--', 'anything')).code).toBe(4);
  }, 120_000);
});

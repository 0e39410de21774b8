import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBastion } from '../cli/fake-context.js';
import { sharedHostKey, sharedUserKey, startServer } from '../transport/ssh-server.js';
import { type Answer, honestly, playHost } from './played-host.js';

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

async function bastionWith(answer: Answer) {
  const bastion = createBastion();
  const { dir } = bastion;
  const hosts = await Promise.all(
    ['good', 'evil'].map(async (name) => {
      const { port } = await startServer({
        onExec: (command, channel, connection) => {
          if (/ (serve|step) /.test(command)) {
            return playHost(name, name === 'evil' ? answer : honestly)(command, channel);
          }
          channel.on('error', () => void connection);
          channel.stderr.write(NASTY);
          channel.write(NASTY);
          channel.exit(3);
          channel.end();
        },
      });
      return { name, address: '127.0.0.1', port, vars: { note: NASTY }, labels: { zone: 'a' } };
    }),
  );
  writeFileSync(join(dir, 'id'), sharedUserKey.privateText, { mode: 0o600 });
  const known = hosts.map(({ port }) => `[127.0.0.1]:${port} ${sharedHostKey.publicLine}\n`);
  writeFileSync(join(dir, 'known'), known.join(''));
  for (const folder of ['inventories', 'app']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'app/file'), 'new\n');
  const ssh = { user: 'deploy', identity_file: join(dir, 'id'), known_hosts: join(dir, 'known') };
  const inventory = JSON.stringify({ ssh, groups: { web: { hosts } } });
  writeFileSync(join(dir, 'inventories/all.yaml'), inventory);
  const policy = {
    waves: ['rest'],
    max_unavailable: 2,
    healthy_deadline: '1s',
    min_healthy_time: '100ms',
    confirm_deadline: '4s',
  };
  const service = { unit: 'shop.service' };
  writeFileSync(
    join(dir, 'fleet.yaml'),
    JSON.stringify({ app: 'shop', root: '/opt/shop', service, release: { from: './app' }, policy }),
  );
  return bastion;
}

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
  }, 120_000);
});

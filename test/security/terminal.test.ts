import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet, endOf, says } from './support/built-fleet.js';
import { hasPython } from './support/has-python.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();

/**
 * Runs a program on a terminal of its own. `hold`: presses Ctrl-S once the program has said a word, or a
 * path is there, and Ctrl-Q after as many seconds; `hang`: the terminal goes away then; `stop`: presses
 * Ctrl-Z then. Prints what `waitpid` says, on a first line, and what was said last.
 */
const PTY = `import os, pty, select, sys, time
how, word, seconds = sys.argv[1], sys.argv[2].encode(), float(sys.argv[3])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[4], sys.argv[4:])
said = b''
is_path = word.startswith(b'/')
while not (os.path.lexists(word) if is_path else word in said):
    if select.select([terminal], [], [], 0.02)[0]: said += os.read(terminal, 65536)
if how == 'hang':
    os.close(terminal)
else:
    os.write(terminal, b'\\x1a' if how == 'stop' else b'\\x13')
    if how == 'hold':
        time.sleep(seconds)
        os.write(terminal, b'\\x11')
    said = b''
    try:
        while True: said += os.read(terminal, 65536)
    except OSError: pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(said.decode(errors='replace'))
`;

interface OnTerminal {
  /** A word that is waited for, or an absolute path. Default: `switching`. */
  readonly until?: string;
  /** A line for `sh` that runs the program as `"$@"`. */
  readonly by?: string;
}

/** The exit code, on a line, and what was said behind the key that was pressed. */
async function onTerminal(
  how: 'hold' | 'hang' | 'stop',
  args: readonly string[],
  { until = 'switching', by = 'exec "$@"' }: OnTerminal = {},
): Promise<string> {
  writeFileSync(join(fleet.dir, 'terminal.py'), PTY);
  const program = ['sh', '-mc', by, 'sh', process.execPath, fleet.program, ...args];
  const words = ['terminal.py', how, until, '6', ...program];
  const { PATH } = process.env;
  const env = { PATH, HOME: fleet.dir, XDG_STATE_HOME: join(fleet.dir, '.state'), TERM: 'xterm' };
  const child = spawn('python3', words, { cwd: fleet.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return (await endOf(child)).stdout.trim();
}

const deploy = (...flags: readonly string[]): readonly string[] => [
  'deploy',
  ...fleet.on(practice.lab),
  '--yes',
  '--from',
  fleet.newRelease(),
  ...flags,
];

let releases = 0;
const nextId = (): string => {
  releases += 1;
  return `r${releases}`;
};
/** Waits until the last release has reached the first host: no output mode says so in the same words. */
const staged = (): OnTerminal => ({
  until: join(practice.lab.hosts[0]?.home ?? '', 'shop/releases', `r${releases}`),
});

async function phases(): Promise<readonly string[]> {
  const { stdout } = await fleet.run(['status', ...fleet.on(practice.lab), '--json']);
  const { hosts } = JSON.parse(stdout) as { hosts: readonly { phase: string }[] };
  return hosts.map(({ phase }) => phase);
}

const SHOW_CURSOR = '\x1b[?25h';
const lines = (): readonly string[] =>
  readFileSync(join(fleet.stateDir, 'deploy.log'), 'utf8').trim().split('\n');
const secondsOf = (line: string | undefined): number =>
  Number(/ duration=([\d.]+)s/.exec(line ?? '')?.[1]);

describe.runIf(hasPython())('a terminal', () => {
  beforeEach(async () => {
    await fleet.run(['recover', ...fleet.on(practice.lab), '--yes']);
  });

  test('that accepts no more, as after Ctrl-S, does not block the run', async () => {
    expect(await onTerminal('hold', deploy('--output', 'plain', '-vvv'))).toMatch(/^0$/m);
    expect(await onTerminal('hold', deploy('--output', 'tree'))).toMatch(/^0$/m);
    for (const line of lines().slice(-2)) {
      expect(line).toContain(' state=succeeded exit=0 ');
      expect(secondsOf(line)).toBeLessThan(6);
    }
  }, 60_000);

  test.each([
    ['--output', 'tree'],
    ['--output', 'plain'],
    ['--output', 'quiet'],
    ['--output', 'ndjson'],
    ['--json'],
  ])(
    'that goes away ends the run as Ctrl-C does, with every host settled and a line: %s %s',
    async (...mode) => {
      const before = lines().length;
      expect(await onTerminal('hang', deploy('--release', nextId(), ...mode), staged())).toMatch(
        /^130\b/,
      );
      expect(lines()).toHaveLength(before + 1);
      expect(lines().at(-1)).toMatch(/ exit=130 hosts=3 /);
      expect(await phases()).toEqual(['idle', 'idle', 'idle']);
    },
    60_000,
  );

  test('that goes away with the shell of the session does no more than that', async () => {
    const by = '"$@"; exit $?';
    const before = lines().length;
    await onTerminal('hang', deploy('--release', nextId()), { ...staged(), by });
    // Not the line of the run before, which ended like this one.
    await expect.poll(() => lines()[before], { timeout: 30_000 }).toMatch(/ exit=130 hosts=3 /);
    expect(await phases()).toEqual(['idle', 'idle', 'idle']);
  }, 60_000);

  test('of another session that goes away leaves the run to its end', async () => {
    const by = 'setsid -w "$@"';
    const before = lines().length;
    await onTerminal('hang', deploy('--release', nextId()), { ...staged(), by });
    await expect
      .poll(() => lines()[before], { timeout: 30_000 })
      .toMatch(/ state=succeeded exit=0 /);
  }, 60_000);

  test('obeys Ctrl-Z: the shell gets it back unchanged, and the run goes on with fg', async () => {
    const by = '"$@"; stty -a; echo PAUSED; fg; exit $?';
    const said = await onTerminal('stop', deploy('--output', 'tree'), { by });
    const [paused = '', then = ''] = said.split('PAUSED');
    expect(paused).toMatch(/[ \n]echo[ \r]/);
    expect(paused.slice(0, paused.indexOf('speed'))).toContain(SHOW_CURSOR);
    expect(then).toContain('succeeded');
    expect(said).toMatch(/^0\b/);
  }, 60_000);

  test('without a shell to return to, Ctrl-Z does not stop the run forever', async () => {
    expect(await onTerminal('stop', deploy('--output', 'tree'))).toMatch(/^0\b/);
  }, 60_000);
});

describe('a hangup', () => {
  test('without a terminal, as under nohup, changes nothing', async () => {
    const child = fleet.start(deploy('--output', 'plain', '-v'));
    const ended = endOf(child);
    await says(child, /switching/);
    for (let i = 0; i < 3; i += 1) child.kill('SIGHUP');
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(lines().at(-1)).toContain(' state=succeeded exit=0 ');
  }, 30_000);
});

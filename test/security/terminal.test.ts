import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { practiceLab } from '../practice/practice-lab.js';
import { builtFleet, endOf, says } from './built-fleet.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();

/**
 * Runs a program on a terminal of its own. `hold`: presses Ctrl-S once the program has said a word, and
 * Ctrl-Q after as many seconds; `hang`: the terminal goes away then. Prints what `waitpid` says.
 */
const PTY = `import os, pty, select, sys, time
how, word, seconds = sys.argv[1], sys.argv[2].encode(), float(sys.argv[3])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[4], sys.argv[4:])
said = b''
while word not in said:
    said += os.read(terminal, 65536)
if how == 'hang':
    os.close(terminal)
else:
    os.write(terminal, b'\\x13')
    time.sleep(seconds)
    os.write(terminal, b'\\x11')
    try:
        while os.read(terminal, 65536): pass
    except OSError: pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

const hasPython = canRun('python3');

function canRun(program: string): boolean {
  try {
    execFileSync(program, ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function onTerminal(how: 'hold' | 'hang', args: readonly string[]): Promise<string> {
  writeFileSync(join(fleet.dir, 'terminal.py'), PTY);
  const words = ['terminal.py', how, 'switching', '6', process.execPath, fleet.program, ...args];
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

const lines = (): readonly string[] =>
  readFileSync(join(fleet.stateDir, 'deploy.log'), 'utf8').trim().split('\n');
const secondsOf = (line: string | undefined): number =>
  Number(/ duration=([\d.]+)s/.exec(line ?? '')?.[1]);

describe.runIf(hasPython)('a terminal', () => {
  beforeEach(async () => {
    await fleet.run(['recover', ...fleet.on(practice.lab), '--yes']);
  });

  test('that takes no more, as after Ctrl-S, does not hold the run', async () => {
    expect(await onTerminal('hold', deploy('--output', 'plain', '-vvv'))).toBe('0');
    expect(await onTerminal('hold', deploy('--output', 'tree'))).toBe('0');
    for (const line of lines().slice(-2)) {
      expect(line).toContain(' state=succeeded exit=0 ');
      expect(secondsOf(line)).toBeLessThan(6);
    }
  }, 60_000);

  test('that goes away ends the run as Ctrl-C does, with every host settled and a line', async () => {
    const before = lines().length;
    expect(await onTerminal('hang', deploy('--output', 'tree'))).toBe('130');
    expect(lines()).toHaveLength(before + 1);
    expect(lines().at(-1)).toMatch(/ exit=130 hosts=3 /);
    const { stdout } = await fleet.run(['status', ...fleet.on(practice.lab), '--json']);
    const { hosts } = JSON.parse(stdout) as { hosts: readonly { phase: string }[] };
    expect(hosts.map(({ phase }) => phase)).toEqual(['idle', 'idle', 'idle']);
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

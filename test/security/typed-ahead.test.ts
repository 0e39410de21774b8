import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet, endOf } from './support/built-fleet.js';
import { hasPython } from './support/has-python.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();

/**
 * Runs a program on a terminal of its own, of 80 columns. Each step waits until the program has said
 * something new, and types something then. Prints what the screen was sent, and how the program ended.
 */
const PTY = `import fcntl, json, os, pty, struct, sys, termios
steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
said, seen = b'', 0
def more():
    global said
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        chunk = b''
    said += chunk
    return chunk != b''
for word, typed in steps:
    while word.encode() not in said[seen:] and more(): pass
    seen = len(said)
    os.write(terminal, typed.encode())
while more(): pass
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({'code': code, 'said': said.decode(errors='replace')}))
`;

interface OnTerminal {
  readonly code: number;
  readonly said: string;
}

/** `steps`: what is waited for, and what is typed then. */
async function onTerminal(
  args: readonly string[],
  steps: readonly (readonly [string, string])[],
  more: Readonly<Record<string, string>> = {},
): Promise<OnTerminal> {
  writeFileSync(join(fleet.dir, 'typing.py'), PTY);
  const words = ['typing.py', JSON.stringify(steps), process.execPath, fleet.program, ...args];
  const { PATH } = process.env;
  const state = { HOME: fleet.dir, XDG_STATE_HOME: join(fleet.dir, '.state') };
  const env = { PATH, ...state, TERM: 'xterm', ...more };
  const child = spawn('python3', words, { cwd: fleet.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return JSON.parse((await endOf(child)).stdout);
}

const deploy = (...flags: readonly string[]): readonly string[] => [
  'deploy',
  ...fleet.on(practice.lab),
  '--from',
  fleet.newRelease(),
  ...flags,
];
const QUESTION = '[y/N] ';

describe.runIf(hasPython())('at a question, what was typed before it is no answer', () => {
  test.each([['tree'], ['plain'], ['quiet']])('in output mode %s', async (mode) => {
    const { code, said } = await onTerminal(deploy('--output', mode), [
      ['', 'y\ry\r'],
      [QUESTION, '\r'],
    ]);
    expect(said).toContain('Not confirmed; nothing was changed.');
    expect(code).toBe(2);
    expect(practice.lab.hosts.some(({ home }) => existsSync(join(home, 'shop/current')))).toBe(
      false,
    );
  });

  test('and neither is an unfinished line', async () => {
    const { code, said } = await onTerminal(deploy(), [
      ['', 'y'],
      [QUESTION, '\r'],
    ]);
    expect([code, said]).toEqual([2, expect.stringContaining('Not confirmed')]);
  });

  test('nor several lines that come at once', async () => {
    const { code, said } = await onTerminal(deploy(), [
      [QUESTION, 'y\rfleet status\r'],
      [QUESTION, 'n\r'],
    ]);
    expect(said).toContain('Several lines at once are no answer');
    expect([code, said]).toEqual([2, expect.stringContaining('Not confirmed')]);
  });

  test('the question names app, release, number of hosts and group', async () => {
    const { said } = await onTerminal(deploy('--release', 'r7'), [[QUESTION, 'n\r']]);
    expect(said).toContain('Deploy shop r7 to 3 hosts of prod? [y/N] ');
  });

  test('and no one is asked if CI says that no person is there', async () => {
    const { code, said } = await onTerminal(deploy(), [], { CI: 'true' });
    expect([code, said]).toEqual([2, expect.stringContaining('CI=true is set')]);
  });

  test('an answer counts, and what is typed at a run leaves no trace in its tree', async () => {
    const { code, said } = await onTerminal(deploy('--release', 'r8'), [
      [QUESTION, 'y\r'],
      ['Wave 1', 'ghostly\r\r'],
    ]);
    expect([code, said]).toEqual([0, expect.stringContaining('succeeded')]);
    expect(said).not.toContain('ghostly');
  });
});

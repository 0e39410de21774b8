import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frameCall } from '../../src/host/channel/call-frame.js';
import { stepWords } from '../../src/host/command.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { statusStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const status = statusStep(SERVICE);
const by = ownership(2);

describe.each([...SHELLS, 'mksh'] as const)('the serve mode under %s', (shell) => {
  let host: FakeHost;
  beforeEach(async () => {
    host = createFakeHost(shell);
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    await deploy(host, ownership(1), { from: null, to: one });
  });
  afterEach(() => host.stop());

  test('answers one call after the other, and ends each on stdout and on stderr', async () => {
    const served = serve(host);
    served.send(7, [status]);
    expect(await served.until('|end|7|')).toMatch(
      /^\{"event":"state".*"verb":"status","ok":true.*\n\n\|end\|7\|0\n$/s,
    );
    served.child.stdin.write(frameCall(8, ['step', 'no-verb']) ?? '');
    expect(await served.until('|end|8|')).toMatch(/"code":"usage".*\n\n\|end\|8\|1\n$/);
    served.child.stdin.end();
    expect(await once(served.child, 'exit')).toEqual([0, null]);
    expect(served.stderr()).toBe('\n|end|7|0\n\n|end|8|1\n');
  });

  test('takes every value as it is', async () => {
    const owner = String.raw` a  b\n\\ $(touch x) 'q' "Q" * ~ |end|1|0 ä `;
    const step = {
      verb: 'claim',
      args: [...claim(by, one.id).args, ['owner', JSON.stringify(owner)]],
    };
    expect(await host.run([step as Step])).toMatchObject({ kind: 'ok' });
    expect(JSON.parse(host.state().owner ?? '')).toBe(owner);
    const served = serve(host);
    served.child.stdin.write(frameCall(1, ['step', 'status', `root=${host.root}`, '']) ?? '');
    expect(await served.until('|end|1|')).toContain('not key=value: ');
  });

  test('takes as much of a payload as is its own, and then the next call', async () => {
    const served = serve(host);
    const staging = [claim(by, one.id), two.stage(by)];
    served.child.stdin.write(frameCall(1, stepWords(host.root, staging), 'send') ?? '');
    served.child.stdin.write(two.payload);
    expect(await served.until('|end|1|')).toContain('"phase":"staged"');
    // What is there already is passed over.
    served.child.stdin.write(frameCall(2, stepWords(host.root, [two.stage(by)]), 'send') ?? '');
    served.child.stdin.write(two.payload);
    served.send(3, [status]);
    expect(await served.until('|end|3|')).toMatch(
      /\|end\|2\|0\n.*"phase":"staged".*\|end\|3\|0\n$/s,
    );
    expect(served.child.exitCode).toBeNull();
    served.child.stdin.end();
    expect(await once(served.child, 'exit')).toEqual([0, null]);
  });

  test('ends with a call that fails before it has taken its payload', async () => {
    const served = serve(host);
    served.child.stdin.on('error', () => undefined);
    const early = stepWords(host.root, [two.stage(by)]);
    served.child.stdin.write(frameCall(1, early, 'send') ?? '');
    served.child.stdin.write(frameCall(2, ['step', 'status', `root=${host.root}`]) ?? '');
    expect(await once(served.child, 'exit')).toEqual([0, null]);
    expect(served.stderr()).toBe('\n|end|1|76\n');
  });

  test('begins no call that does not come whole', async () => {
    const whole = frameCall(1, stepWords(host.root, [claim(by, one.id)])) ?? '';
    for (const sent of [whole.slice(0, -1), whole.slice(0, whole.indexOf('epoch')), 'call 1 3']) {
      const served = serve(host);
      served.child.stdin.end(sent);
      expect(await once(served.child, 'close')).toEqual([0, null]);
      expect(served.stdout()).toBe('');
    }
    expect(host.state()).toMatchObject({ run: '', epoch: '1' });
  });

  test('ends at anything that is no call', async () => {
    for (const sent of ['step status\n', 'call x 1\n', 'call 1 -1\n', 'call 1 2 3\n']) {
      const served = serve(host);
      served.child.stdin.write(sent);
      expect(await once(served.child, 'close'), sent).toEqual([64, null]);
    }
  });

  test('keeps neither a lock nor a file of a call that has ended', async () => {
    const served = serve(host);
    served.send(1, [claim(by, one.id)]);
    await served.until('|end|1|0');
    execFileSync('flock', ['-w', '5', join(host.root, '.fleet/lock'), 'true']);
    const pid = served.child.pid;
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    // Its own text is all that it has of ours.
    expect(open.filter((target) => target.includes('.fleet/'))).toEqual([
      join(host.root, '.fleet/bin', loadHostProgram().sha256),
    ]);
  });

  test('does a step to its end when no one is there any more, and then ends', async () => {
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const served = serve(host);
    served.send(1, activationSteps(by, one.id, two.id));
    await served.until('"linked"');
    for (const stream of ['stdin', 'stdout', 'stderr'] as const) served.child[stream].destroy();
    served.child.kill('SIGHUP');
    expect(await once(served.child, 'exit')).toEqual([0, null]);
    expect(host.state()).toMatchObject({ phase: 'verified', to: two.id });
  });

  test('tells of the signal that has ended a step, and serves on', async () => {
    host.tool('flock', '#!/bin/dash\nkill -9 $PPID\n');
    expect(await host.run([claim(by, one.id)])).toMatchObject({
      kind: 'lost',
      failure: { message: 'the step was killed by SIGKILL', exit: 'SIGKILL', step: 'claim' },
    });
    const sent = host.commands.length;
    rmSync(join(host.dir, 'bin/flock'));
    expect(await host.run([claim(by, one.id)])).toMatchObject({ kind: 'ok' });
    expect(host.commands).toHaveLength(sent);
  });
});

/** The program in its serve mode, spoken to by hand. */
function serve(host: FakeHost) {
  const program = join(host.root, '.fleet/bin', loadHostProgram().sha256);
  const child: ChildProcessWithoutNullStreams = spawn('/bin/sh', [program, 'serve'], {
    env: host.env,
    stdio: 'pipe',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    send: (id: number, steps: readonly Step[]) =>
      child.stdin.write(frameCall(id, stepWords(host.root, steps)) ?? ''),
    /** What came on stdout since the last time, once it holds the text. */
    async until(text: string): Promise<string> {
      while (!stdout.includes(text)) await once(child.stdout, 'data');
      const taken = stdout;
      stdout = '';
      return taken;
    },
  };
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../transport/support/ssh-server.js';

test('a name server that says nothing holds up neither a notice nor the end of the process', async () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'getent'), '#!/bin/sh\nexec sleep 60\n');
  chmodSync(join(dir, 'getent'), 0o755);
  const script = new URL('./support/silent-names.ts', import.meta.url).pathname;
  const child = fork(script, [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, PATH: `${dir}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let said = '';
  let saidAt = 0;
  child.stdout?.on('data', (text: Buffer) => {
    said += text.toString();
    saidAt = performance.now();
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(said).toBe('["lost","retry"]');
  expect(performance.now() - saidAt).toBeLessThan(2000);
}, 60_000);

import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { processContext } from '../../src/cli/context/context.js';
import { run } from '../../src/cli/main.js';
import { asHostName } from '../../src/model/names.js';
import { argvOf, type Measurement, writeFleetFiles } from './fleet-files.js';
import { MemoryHost } from './memory-host.js';
import { createMemoryFleet } from './memory-transport.js';

/** What one command took in this process; CPU and wall in milliseconds, memory in bytes. */
export interface Figures extends Measurement {
  /** From the start of the process, without what the hosts took. */
  readonly cpuMs: number;
  /** What the hosts took, by playing the calls of one host again for all of them. */
  readonly hostsCpuMs: number;
  readonly wallMs: number;
  readonly peakBytes: number;
  readonly calls: number;
}

/** Measures one command, which is the first and the last thing that this process does. */
async function measure(measurement: Measurement): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-growth-'));
  try {
    const prepared = cpuMs();
    writeFleetFiles(dir, measurement);
    const preparing = cpuMs() - prepared;
    const fleet = createMemoryFleet();
    const begun = performance.now();
    const exitCode = await run(argvOf(measurement), bastion(dir, fleet.transport));
    const wallMs = performance.now() - begun;
    const spent = cpuMs() - preparing;
    if (exitCode !== 0) {
      const said = readFileSync(join(dir, 'output'), 'utf8').slice(-2000);
      throw new Error(`the ${measurement.job} ended with ${exitCode}:\n${said}`);
    }
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const hostsCpuMs = playAgain(fleet.sample, measurement.hosts);
    return {
      ...measurement,
      cpuMs: spent - hostsCpuMs,
      hostsCpuMs,
      wallMs,
      peakBytes,
      calls: fleet.calls(),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function bastion(dir: string, transport: ReturnType<typeof createMemoryFleet>['transport']) {
  // A file, as in a job whose output is kept.
  const output = createWriteStream(join(dir, 'output'));
  const terminal = output as unknown as NodeJS.WriteStream;
  return {
    ...processContext(),
    cwd: dir,
    env: { PATH: process.env.PATH },
    home: dir,
    operator: 'ada@bastion',
    stdin: Object.assign(new PassThrough().end(), { isTTY: false }),
    stdout: terminal,
    stderr: terminal,
    stateDir: join(dir, 'state'),
    transport,
  };
}

function playAgain(calls: readonly (readonly string[])[], hosts: number): number {
  const before = cpuMs();
  for (let i = 0; i < hosts; i += 1) {
    const host = new MemoryHost(asHostName(`web${i}`));
    for (const words of calls) host.answer(words);
  }
  return cpuMs() - before;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const [, , text = '{}'] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(JSON.parse(text)))}\n`);

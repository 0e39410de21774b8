import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFacts } from '../../src/host/reply/facts.js';
import { besideStep, readBeside } from '../../src/host/steps/beside.js';
import { claimStep, factsStep, unclaimStep } from '../../src/host/steps/steps.js';
import { ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
});
afterEach(() => host.stop());

const tenure = { owner: 'ada@bastion', leaseMs: 60_000, expect: null };
const by = ownership(1);

describe('a root that another host of the run has claimed', () => {
  beforeEach(async () => {
    await host.run([claimStep(by, { ...tenure, as: `web"1` })]);
  });

  test('is refused by both names', async () => {
    const twin = claimStep({ ...by, txn: 'run1-web2' }, { ...tenure, as: 'web2' });
    expect(await host.run([twin])).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'same_machine',
        message: `${host.root} is the root of another host of this run too, by the name web"1`,
      },
    });
  });

  test('is claimed again by the same host, whose answer was lost', async () => {
    const again = await host.run([claimStep(by, { ...tenure, as: `web"1` })]);
    expect(again).toMatchObject({ kind: 'ok', replies: [{ repeated: true }] });
  });

  test('is free for the next run, by whatever name a clone remembers', async () => {
    await host.run([unclaimStep(by)]);
    const next = claimStep(ownership(2), { ...tenure, as: 'web2' });
    expect(await host.run([next])).toMatchObject({ kind: 'ok' });
  });
});

describe('whether two connections end on one machine', () => {
  const startOf = (pid: number): string =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';

  test('is told by a process that lives there, known by its start as well', async () => {
    const here = `${process.pid}:${startOf(process.pid)}`;
    const another = `${process.pid}:1`;
    const outcome = await host.run([besideStep(SERVICE, [another, here])]);
    expect(readBeside(outcome.events)).toEqual([here]);
  });

  test('each connection names one that lives as long as itself', async () => {
    const facts = readFacts((await host.run([factsStep(SERVICE, [], { releases: false })])).events);
    const [pid, start] = facts?.session.split(':') ?? [];
    expect(startOf(Number(pid))).toBe(start);
  });
});

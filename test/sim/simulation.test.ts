import { expect, test } from 'vitest';
import { reportOf, runCampaign } from './campaign.js';
import { PLAIN } from './scenarios.js';
import { simulate } from './simulate.js';

/** The seed is fixed, so that what a commit shows does not hang on chance; the nightly run takes others. */
const CAMPAIGN = { runs: 2000, seed: 20260301 };

test('a run in which nothing goes wrong succeeds', async () => {
  const { ending, violation } = await simulate(PLAIN);
  expect(violation).toBeNull();
  expect(ending).toMatchObject({ kind: 'concluded', conclusion: { state: 'succeeded' } });
});

test('a dry run only shows the plan', async () => {
  const { ending, violation, counts } = await simulate({ ...PLAIN, dryRun: true });
  expect(violation).toBeNull();
  expect(ending).toEqual({ kind: 'planned' });
  expect(counts.calls).toBe(PLAIN.hosts);
});

test('the same scenario is the same run, move for move', async () => {
  const play = async (): Promise<readonly string[]> => {
    const lines: string[] = [];
    const faults = [{ kind: 'cut', host: 2, call: 4, pause: 9, point: 'during' }] as const;
    await simulate({ ...PLAIN, faults }, { trace: (line) => lines.push(line) });
    return lines;
  };
  expect(await play()).toEqual(await play());
});

test('whatever befalls fleets of 3 to 200 hosts, every invariant holds', async () => {
  const finding = await runCampaign(CAMPAIGN);
  expect(finding === null ? '' : reportOf(finding)).toBe('');
}, 240_000);

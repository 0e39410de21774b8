import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PracticeRun, startPracticeRun } from './support/practice-run.js';

/** One story over a practice fleet of five: each test continues from the one before it. */
describe('an app on a practice fleet', () => {
  let run: PracticeRun;
  let good = '';

  const currents = () => run.lab.hosts.map(({ home }) => readlinkSync(join(home, 'shop/current')));
  const settle = { minHealthyMs: 600, healthyDeadlineMs: 8000 };

  beforeAll(async () => {
    run = await startPracticeRun(5);
  });
  afterAll(async () => {
    await run.close();
  });

  test('is deployed for the first time, and every host runs it', async () => {
    const { plan, conclusion } = await run.deploy('good', settle);
    good = plan.release.id;
    expect(conclusion).toMatchObject({ state: 'succeeded', exitCode: 0 });
    expect(new Set(currents())).toEqual(new Set([`releases/${good}`]));
    const surveys = await run.survey();
    expect(surveys).toHaveLength(5);
    for (const each of surveys) {
      expect(each).toMatchObject({
        kind: 'read',
        facts: { phase: 'idle', run: null, units: [{ active: 'active', serving: good }] },
      });
    }
  });

  test('has a version.json in which any operator name survives', () => {
    const [host] = run.lab.hosts;
    const file = join(host?.home ?? '', 'shop/current/version.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      schema: 1,
      app: 'shop',
      version: good,
      deployer: `O'Neil "x" $(id) Jörg@bastion`,
      previous: null,
    });
  });

  test('is not touched by the same deploy again', async () => {
    const { plan, conclusion } = await run.deploy('good', settle);
    expect(plan.hosts).toEqual([]);
    expect(plan.release.id).toBe(good);
    expect(conclusion.state).toBe('succeeded');
  });

  test('moves on to a better release, and back to the first by a part of its id', async () => {
    const { plan, conclusion } = await run.deploy('better', settle);
    expect(conclusion.state).toBe('succeeded');
    expect(new Set(currents())).toEqual(new Set([`releases/${plan.release.id}`]));
    const back = await run.rollback(good.slice(-7));
    expect(back.conclusion).toMatchObject({ state: 'succeeded', exitCode: 0 });
    expect(new Set(currents())).toEqual(new Set([`releases/${good}`]));
  });

  test('keeps every other host untouched when the canary dies, and rolls the canary back', async () => {
    const before = run.events.length;
    const { conclusion } = await run.deploy('dies', settle);
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
    expect(new Set(currents())).toEqual(new Set([`releases/${good}`]));
    const switched = run.events
      .slice(before)
      .filter((event) => event.type === 'host-stage' && event.stage === 'switching');
    expect(switched).toHaveLength(1);
    const canary = conclusion.hosts.find((host) => host.wave === 0);
    expect(canary).toMatchObject({ state: 'reverted', error: { step: 'verify' } });
    expect(canary?.error?.journal?.join('\n')).toContain('no such table: orders');
  });

  test('is not rolled back to a release that a run rolled back from', async () => {
    const surveys = await run.survey();
    const bad = surveys
      .flatMap((each) => (each.kind === 'read' ? each.facts.releases : []))
      .find(({ standing }) => standing === 'bad');
    await expect(run.rollback(bad?.id ?? '')).rejects.toMatchObject({
      code: 'release_bad',
    });
  });

  test('survives a connection that is cut during an activation', async () => {
    const [, second] = run.lab.hosts;
    const host = second?.name ?? '';
    await run.lab.fault(host, 'drop-mid-step', true, { match: 'activate' });
    run.watch((event) => {
      const lost = event.type === 'step-ended' && event.failure !== null;
      if (lost) void run.lab.fault(host, 'drop-mid-step', false);
    });
    const { plan, conclusion } = await run.deploy('better', settle);
    expect(conclusion).toMatchObject({ state: 'succeeded' });
    expect(new Set(currents())).toEqual(new Set([`releases/${plan.release.id}`]));
    expect(run.events.some((event) => event.type === 'step-ended' && event.failure !== null)).toBe(
      true,
    );
  });
});

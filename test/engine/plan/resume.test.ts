import { describe, expect, test } from 'vitest';
import { draftResumed } from '../../../src/engine/plan/resume.js';
import type { HostReading } from '../../../src/engine/reading/host-reading.js';
import { FleetError } from '../../../src/errors/fleet-error.js';
import type { HostFacts } from '../../../src/host/protocol/protocol.js';
import { asReleaseId, type ReleaseId } from '../../../src/model/names.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import { factsOf } from '../../fixtures/facts.js';
import { NEW, OLD, planOf } from '../../fixtures/plan.js';
import { READING } from '../../fixtures/reading.js';

const plan = planOf({ waves: [1, 1, 1], approvals: [1, 2], upload: false });

const on = (release: ReleaseId, change: Partial<HostFacts> = {}): HostFacts =>
  factsOf({ current: { kind: 'link', release }, ...change });

/** The facts of a host that this run has confirmed. */
const confirmed = (index: number): HostFacts => {
  const txn = `${plan.run}.2.${index}`;
  return on(NEW, { txn, from: OLD, to: NEW, epoch: 2 });
};

function resume(facts: readonly HostFacts[], agreedTo: number | null = null): Plan {
  const surveys = plan.hosts.map(({ host }, index): HostReading => {
    const found = facts[index];
    if (found === undefined) throw new Error(`nothing is known of ${host.name}`);
    return { kind: 'read', reading: READING, host, facts: { ...found, machineId: host.name } };
  });
  return draftResumed({ plan, surveys, agreedTo, operator: 'bob@bastion', diskBytes: 0 });
}

describe('a resumed run', () => {
  test('takes as done only what the run itself has confirmed', () => {
    const foreign = { ...confirmed(1), txn: 'another-run.2.1' };
    const { hosts } = resume([confirmed(0), foreign, on(OLD)]);
    expect(hosts.map(({ done }) => done)).toEqual([true, false, false]);
    expect(hosts[0]).toMatchObject({ txn: `${plan.run}.2.0`, from: OLD });
    // Each host's epoch is one above its own.
    expect(hosts.map(({ epoch }) => epoch)).toEqual([3, 3, 2]);
    expect(hosts[2]).toMatchObject({ txn: `${plan.run}.2.2`, from: OLD });
  });

  test('takes no host as done that is unfinished, or that was confirmed for another release', () => {
    const other = { ...confirmed(1), to: OLD };
    expect(resume([on(OLD), other, on(OLD)]).hosts.map(({ done }) => done)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('is refused where a host is on something else', () => {
    const moved = on(asReleaseId('20260303T000000Z-ccccccc'));
    let refused: unknown;
    try {
      resume([confirmed(0), moved, on(OLD)]);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(FleetError);
    expect(refused).toMatchObject({
      code: 'run_over',
      problems: [{ message: expect.stringMatching(/^h2 is on/) }],
    });
  });

  test('keeps every approval to be asked for, except the one that resuming gives', () => {
    expect(resume([confirmed(0), on(OLD), on(OLD)], 1).approvals).toEqual([2]);
    expect(resume([confirmed(0), on(OLD), on(OLD)]).approvals).toEqual([1, 2]);
  });
});

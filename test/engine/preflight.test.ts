import { expect, test } from 'vitest';
import { refusal } from '../../src/engine/admit.js';
import { judgeFacts } from '../../src/engine/preflight.js';
import { exitCodeOf } from '../../src/errors/codes.js';
import type { HostFacts } from '../../src/host/protocol.js';
import type { DeadManPolicy } from '../../src/model/dead-man.js';
import { factsOf } from '../fixtures/facts.js';
import { hostFixture } from '../fixtures/host.js';
import { appOf } from '../fixtures/plan.js';

const host = hostFixture('web1');

function judge(facts: Partial<HostFacts>, deadMan: DeadManPolicy = 'auto') {
  return judgeFacts(host, factsOf(facts), { app: appOf({ deadMan }), diskBytes: 0 });
}

test('a host that offers nothing for a switch is refused where the policy requires one', () => {
  const failures = judge({ deadMan: [] }, 'required');
  expect(failures.map(({ code }) => code)).toEqual(['dead_man_unavailable']);
  const { code, problems } = refusal([{ host: host.name, failures }]);
  expect(exitCodeOf(code)).toBe(2);
  expect(problems[0]?.hint).toContain('loginctl enable-linger deploy');
});

test.each([
  ['auto', []],
  ['off', []],
  ['required', ['process']],
] as const)('with %s, a host that offers %j takes part', (policy, deadMan) => {
  expect(judge({ deadMan }, policy)).toEqual([]);
});

import { expect, test } from 'vitest';
import { runChaos } from '../chaos/chaos.js';

/** `npm run chaos` does the same with more hosts, and for longer. */
test('faults at random moments leave four hosts settled, unlocked and on complete releases', async () => {
  const said: string[] = [];
  const figures = await runChaos({
    seed: 172,
    hosts: 4,
    numbers: [1, 2, 3],
    say: (line) => said.push(line),
  });
  expect(figures.violations, said.join('\n')).toEqual([]);
  expect(figures.runs).toBe(3);
  expect(Object.values(figures.faults).length).toBeGreaterThan(1);
});

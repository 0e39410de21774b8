import { describe, expect, test } from 'vitest';
import { drawScenario, type FaultKind } from './scenario.js';

const HOSTS = Array.from({ length: 20 }, (_, index) => `h${index + 1}`);
const MANY = Array.from({ length: 300 }, (_, index) => drawScenario(7, index + 1, HOSTS));

describe('a scenario', () => {
  test('is the same for the same seed and number, and another for another', () => {
    expect(drawScenario(7, 3, HOSTS)).toEqual(MANY[2]);
    expect(drawScenario(8, 3, HOSTS)).not.toEqual(MANY[2]);
  });

  test('brings every kind of fault, now and then, and often several', () => {
    const count = (kind: FaultKind): number =>
      MANY.filter(({ faults }) => faults.some((fault) => fault.kind === kind)).length;
    for (const kind of [
      'kill-controller',
      'freeze-controller',
      'link-down',
      'reboot',
      'full-disk',
      'kill-sshd',
      'sick-unit',
      'kill-unit',
      'kill-hook',
    ] as const) {
      expect(count(kind), kind).toBeGreaterThan(20);
    }
    expect(MANY.filter(({ faults }) => faults.length > 1).length).toBeGreaterThan(100);
    expect(new Set(MANY.map(({ flaw }) => flaw)).size).toBe(4);
  });

  test('ends the controller once at most, and names only hosts that there are', () => {
    for (const { faults } of MANY) {
      expect(faults.filter(({ kind }) => kind.endsWith('-controller')).length).toBeLessThan(2);
      for (const fault of faults) {
        if ('hosts' in fault) expect(HOSTS).toEqual(expect.arrayContaining([...fault.hosts]));
      }
    }
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Lab, type LabOptions, startLab } from '../../../src/lab/fleet/lab.js';

/** A lab for the tests of one file, started before them and stopped after. */
export function practiceLab(options: Omit<LabOptions, 'dir'>): { readonly lab: Lab } {
  let lab: Lab | undefined;
  const dir = mkdtempSync(join(tmpdir(), 'fleet-practice-'));
  beforeAll(async () => {
    lab = await startLab({ dir, ...options });
  });
  afterAll(async () => {
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    get lab() {
      if (lab === undefined) throw new Error('the lab is not up yet');
      return lab;
    },
  };
}

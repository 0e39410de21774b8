import { expect } from 'vitest';
import type { ExitCode } from '../../../src/errors/codes.js';
import type { Ended } from './bastion.js';

/** Expects an exit code; if it is another, the failure shows the output of the command. */
export async function exits(code: ExitCode, running: Ended | Promise<Ended>): Promise<Ended> {
  const ended = await running;
  expect(ended.code, `${ended.stderr}\n${ended.stdout}`).toBe(code);
  return ended;
}

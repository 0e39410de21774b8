import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parsePlanFile } from '../../engine/plan-file/plan-file.js';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { PlanFile } from '../../model/runs/plan-file.js';
import type { Context } from '../context/context.js';

/** A host takes about 2 KB. */
const LARGEST_BYTES = 64 * 1024 ** 2;

/** Reads a plan file. Throws `plan_invalid`, or `file_unusable` if it cannot be read. */
export async function readPlanFile({ cwd }: Context, path: string): Promise<PlanFile> {
  return parsePlanFile(await textOf(resolve(cwd, path)), path);
}

async function textOf(file: string): Promise<string> {
  try {
    // A pipe in its place would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (found.isFile() && found.size <= LARGEST_BYTES) return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileProblem(cause, 'the plan file') ?? cause;
  }
  throw new FleetError('plan_invalid', `${file} is no file that fleet plan has written`);
}

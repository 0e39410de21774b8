import { groupName } from '../../config/paths/owners.js';
import { sharingGroup } from '../../files/shared-folder.js';
import type { Context } from '../context/context.js';
import { findProblem } from './state-problem.js';

/** Where this bastion's records are kept, who shares them, and why fleet cannot write there, if so. */
export async function stateFolderLine({ stateDir }: Context): Promise<string> {
  const problem = await findProblem(stateDir, stateDir);
  if (problem !== null) return `state folder: ${stateDir}; ${problem.why} (${problem.remedy})`;
  const group = sharingGroup(stateDir);
  const shared = group === null ? '' : `, shared by group ${await groupName(group)}`;
  return `state folder: ${stateDir}${shared}`;
}

import { join, resolve } from 'node:path';
import { EXIT } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { labDown, labFault, labStatus, labUp } from '../../../lab/control/control.js';
import type { RunningLab } from '../../../lab/control/control-protocol.js';
import { FAULT_KINDS, isFaultKind } from '../../../lab/fault.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { personalStateFolder } from '../../context/folders.js';
import { filled } from '../../context/identity.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines } from '../../context/output.js';
import type { LabFaultOptions, LabOptions, LabUpOptions } from '../../session/flags.js';

export const labUpCommand: Action<LabUpOptions> = async (context, options) => {
  const lab = await labUp({ dir: dirOf(context, options), hosts: options.hosts });
  show(context, options, lab);
  return EXIT.ok;
};

export const labDownCommand: Action<LabOptions> = async (context, options) => {
  const { wasUp, leftovers } = await labDown(dirOf(context, options));
  if (options.json === true) printJson(context, { schemaVersion: 1, wasUp, leftovers });
  else
    context.stdout.write(wasUp ? 'The practice fleet is down.\n' : 'No practice fleet was up.\n');
  return EXIT.ok;
};

export const labStatusCommand: Action<LabOptions> = async (context, options) => {
  const lab = await labStatus(dirOf(context, options));
  if (lab !== null) show(context, options, lab);
  else if (options.json === true) printJson(context, { schemaVersion: 1, up: false });
  else context.stdout.write('No practice fleet is up; start one with: fleet lab up\n');
  return EXIT.ok;
};

export const labFaultCommand: Action<LabFaultOptions> = async (context, options, args) => {
  const [host = '', kind = ''] = args;
  if (!isFaultKind(kind)) {
    throw new FleetError('usage', `fleet lab has no fault ${kind}`, {
      hint: `one of ${FAULT_KINDS.join(', ')}`,
    });
  }
  const { ms, match } = options;
  const fault = { host, kind, on: options.off !== true, ms, match };
  show(context, options, await labFault(dirOf(context, options), fault));
  return EXIT.ok;
};

function dirOf(context: Context, options: LabOptions): string {
  if (options.dir !== undefined) return resolve(context.cwd, options.dir);
  const { env, home, stateDir } = context;
  // Keys of a practice fleet do not belong in a state folder that people share.
  const own = filled(env.FLEET_STATE_DIR) === undefined ? stateDir : personalStateFolder(env, home);
  return join(own, 'lab');
}

/** If there are more hosts than this, those in the same state share a line. */
const MOST_UNFOLDED = 20;

function stateOf({ units, faults }: RunningLab['hosts'][number]): string {
  const services = units.map((unit) => `${unit.name} ${unit.active}`).join(', ');
  return faults.length === 0 ? services : `${services}  faults: ${faults.join(', ')}`;
}

function show(context: Context, options: CommonOptions, lab: RunningLab): void {
  if (options.json === true) return printJson(context, { schemaVersion: 1, up: true, ...lab });
  printLines(context.stdout, [
    `Practice fleet of ${lab.hosts.length} hosts in ${lab.dir} (process ${lab.pid})`,
    ...groupBy(lab.hosts, lab.hosts.length > MOST_UNFOLDED ? stateOf : ({ name }) => name).map(
      (same) => {
        const [{ address, port }] = same;
        const where = same.length === 1 ? `${address}:${port}` : `from ${address}:${port}`;
        return `  ${countedNames(same.map(({ name }) => name))}  ${where}  ${stateOf(same[0])}`;
      },
    ),
    `Use it with: -i ${lab.inventoryFile} -g prod`,
  ]);
}

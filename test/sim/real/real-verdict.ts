import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Plan } from '../../../src/model/runs/plan.js';
import type { FakeHost } from '../../host/support/fake-host.js';
import type { Style } from './real-controller.js';
import { MOVES, UNIT } from './real-fleet.js';
import { hookFaults, preparationFaults } from './real-hooks.js';

const lineShape = z.object({
  at: z.string(),
  verb: z.string(),
  txn: z.string(),
  run: z.string(),
  epoch: z.number().nullable(),
  before: z.string(),
  after: z.string(),
});
type Line = z.infer<typeof lineShape>;

/** What must hold on hosts that were recovered, read from their files; sentences where it does not. */
export function verdictOn(
  kind: Plan['kind'],
  hosts: readonly FakeHost[],
  { style, isWhole }: { readonly style: Style; readonly isWhole: boolean },
): readonly string[] {
  const move = MOVES[kind];
  const alone = hosts.flatMap((host, index) =>
    [...stateOf(host, move), ...historyOf(logOf(host))].map((wrong) => `h${index + 1}: ${wrong}`),
  );
  const hooked = style === 'hooked' ? [...hookFaults(hosts, isWhole), ...preparedOf(hosts)] : [];
  return [...alone, ...wavesOf(hosts.map(logOf)), ...hooked];
}

/** I1, I2, I7 and I12, and that no one holds the host any more. */
function stateOf(host: FakeHost, { from, to }: (typeof MOVES)['deploy']): readonly string[] {
  const wrong: string[] = [];
  const { run, phase = 'idle' } = host.state();
  const link = host.current();
  const current = link === null ? null : basename(link);
  if (run) wrong.push(`it is claimed by ${run}`);
  if (phase !== 'idle') wrong.push(`I7: its phase is ${phase}`);
  if (current !== from && current !== to) wrong.push(`current is ${current}`);
  if (current === null || !isComplete(host, current)) wrong.push(`I1: ${current} is not complete`);
  const cwd = host.cwd(UNIT);
  const served = cwd === null ? null : basename(cwd);
  if (served !== current) wrong.push(`I2: ${served} runs, and current is ${current}`);
  if (!isComplete(host, from)) wrong.push(`I12: ${from} is not there any more`);
  return wrong;
}

function isComplete({ root }: FakeHost, id: string): boolean {
  const files = [`releases/${id}/version.json`, `releases/${id}/app`, `.fleet/releases/${id}`];
  return files.every((file) => existsSync(join(root, file)));
}

/** I3 and I6, from what the host has written down of itself. */
function historyOf(lines: readonly Line[]): readonly string[] {
  const wrong: string[] = [];
  let epoch = 0;
  const armed = new Set<string>();
  for (const line of lines) {
    if (line.epoch !== null && line.epoch < epoch) {
      wrong.push(`I3: ${line.verb} of epoch ${line.epoch} after epoch ${epoch}`);
    }
    epoch = Math.max(epoch, line.epoch ?? 0);
    if (line.after === 'armed') armed.add(line.txn);
    if (line.after === 'linked' && !armed.has(line.txn)) wrong.push(`I6: ${line.txn} is unarmed`);
  }
  return wrong;
}

/** No link of the run that is judged has moved without what comes first. */
const preparedOf = (hosts: readonly FakeHost[]): readonly string[] =>
  hosts.flatMap((host, index) =>
    logOf(host)
      .filter(({ run, after }) => run === RUN && after === 'linked')
      .flatMap(({ txn }) => preparationFaults(host, txn))
      .map((wrong) => `h${index + 1}: ${wrong}`),
  );

/** I5: no host of a wave was armed before every host of the one before was confirmed by then. */
function wavesOf(logs: readonly (readonly Line[])[]): readonly string[] {
  const waves = [logs.slice(0, 1), logs.slice(1, 3), logs.slice(3, 5)];
  return waves.slice(1).flatMap((wave, index) => {
    const begins = wave.map((log) => timeOf(log, ({ after }) => after === 'armed')).toSorted()[0];
    if (begins === undefined || begins === '') return [];
    const late = (waves[index] ?? []).filter((log) => {
      const confirmed = timeOf(log, ({ verb, after }) => verb === 'confirm' && after === 'idle');
      return confirmed === '' || confirmed > begins;
    });
    return late.length === 0 ? [] : [`I5: wave ${index + 1} begins before its gate`];
  });
}

/** When it came first in the run that is judged, '' for never. */
function timeOf(log: readonly Line[], is: (line: Line) => boolean): string {
  return log.find((line) => line.run === RUN && is(line))?.at ?? '';
}

/** The run that is judged; those before have made the hosts what they were. */
export const RUN = 'judged';

function logOf({ root }: FakeHost): readonly Line[] {
  const text = readFileSync(join(realpathSync(root), '.fleet/log'), 'utf8').trim();
  return text.split('\n').map((line) => lineShape.parse(JSON.parse(line)));
}

import { changeBootGuards } from '../../engine/boot-guard/boot-guards.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import { countText } from '../../model/text/count-text.js';
import { namesText } from '../../model/text/name-ranges.js';
import { guardsJson } from '../../ui/reports/guard/json.js';
import type { GuardChange, GuardRow } from '../../ui/reports/guard/rows.js';
import { guardLines } from '../../ui/reports/guard/text.js';
import { withLink } from '../connect/reading.js';
import { obtainConsent, refuseUnattended } from '../context/consent.js';
import type { Context } from '../context/context.js';
import { hostFields, noted, tally } from '../context/noted.js';
import type { CommonOptions, ReasonOption } from '../context/options.js';
import { printJson, printLines, styleFor } from '../context/output.js';
import { openTarget, type Target } from '../context/workspace.js';

/** Installs or removes the boot guard on every host of the target, after asking. */
export async function changeGuards(
  context: Context,
  options: CommonOptions & ReasonOption,
  change: GuardChange,
): Promise<ExitCode> {
  const asks = `doctor asks before it ${change}s a boot guard`;
  refuseUnattended(context, options, { asks });
  const target = await openTarget(context, options);
  const { app, hosts } = target;
  await obtainConsent(context, options, { asks, question: questionFor(target, change) });
  const rows = await noted(context, { ...deedOf(target, change), reason: options.reason }, () =>
    withLink(context, options, (link, signal) => {
      const { clients } = link.to(target);
      return changeBootGuards({ app, hosts, change, clients, limit: link.limit, signal });
    }),
  );
  const described = { app: app.name, group: target.group, change };
  if (options.json === true) printJson(context, guardsJson(described, rows));
  else printLines(context.stdout, guardLines(rows, styleFor(context, options, 'stdout')));
  return exitFor(rows);
}

function deedOf({ app, group, hosts }: Target, change: GuardChange) {
  const fields = { app: app.name, group, ...hostFields(hosts.map(({ name }) => name)) };
  const outcome = (rows: readonly GuardRow[]) => ({
    states: tally(rows.map(({ state }) => state)),
  });
  return {
    kind: change === 'install' ? 'guard-install' : 'guard-remove',
    fields,
    outcome,
  } as const;
}

function exitFor(rows: readonly GuardRow[]): ExitCode {
  const count = (...states: readonly GuardRow['state'][]): number =>
    rows.filter(({ state }) => states.includes(state)).length;
  if (count('unreachable') === rows.length) return EXIT.preflight;
  if (count('refused') > 0) return EXIT.refused;
  return count('unreachable', 'unknown') > 0 ? EXIT.partial : EXIT.ok;
}

function questionFor({ app, group, hosts }: Target, change: GuardChange): string {
  const names = namesText(hosts.map(({ name }) => name));
  const where = `${countText(hosts.length, 'host')} of ${group}: ${names}`;
  const what = change === 'install' ? 'Install' : 'Remove';
  return `${what} fleet-guard-${app.name}.service on ${where}?`;
}

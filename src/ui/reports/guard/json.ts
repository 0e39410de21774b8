import { failureJson } from '../../json/parts.js';
import type { GuardChange, GuardRow } from './rows.js';
import type { GuardsJson } from './schema.js';

/** The object of `fleet doctor --install-guard --json`. */
export function guardsJson(
  target: { readonly app: string; readonly group: string; readonly change: GuardChange },
  rows: readonly GuardRow[],
): GuardsJson {
  const hosts = rows.map(({ host, state, error, unit }) => ({
    host,
    state,
    ...(error === undefined ? {} : { error: failureJson(error) }),
    ...(unit === undefined
      ? {}
      : { unit: { path: unit.path, text: `${unit.lines.join('\n')}\n` } }),
  }));
  return { schemaVersion: 1, ...target, hosts };
}

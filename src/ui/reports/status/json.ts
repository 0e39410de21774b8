import { failureJson } from '../../json/parts.js';
import type { StatusJson } from './schema.js';
import type { StatusRow } from './table.js';

/** The object that `fleet status --json` prints. */
export function statusJson(app: string, group: string, rows: readonly StatusRow[]): StatusJson {
  const hosts = rows.map(({ error, ...row }) => ({
    ...row,
    ...(error === undefined ? {} : { error: failureJson(error) }),
  }));
  return { schemaVersion: 1, app, group, hosts };
}

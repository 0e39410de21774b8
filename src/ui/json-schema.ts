import * as z from 'zod';
import { eventSchema } from '../events/event.js';
import { logLineSchema } from '../events/log-line.js';
import { planFileSchema } from '../model/runs/plan-file.js';
import { adopt } from './reports/adopt/schema.js';
import { approval } from './reports/approval/schema.js';
import { backups } from './reports/backups/schema.js';
import { doctor } from './reports/doctor/schema.js';
import { history, historyAt, historySync, historyVerify, show } from './reports/history/schema.js';
import { inventoryList, inventoryOrigin } from './reports/inventory/schema.js';
import { notify } from './reports/notify/schema.js';
import { plan } from './reports/plan/schema.js';
import { releases, releasesPrune } from './reports/releases/schema.js';
import { steer } from './reports/run/control-schema.js';
import { exec } from './reports/run/exec-schema.js';
import { lock } from './reports/run/lock-schema.js';
import { recover } from './reports/run/recover-schema.js';
import { run } from './reports/run/schema.js';
import { check, error, init, lab, schema } from './reports/setup/schema.js';
import { stats } from './reports/stats/schema.js';
import { status } from './reports/status/schema.js';

/** The schema of each `--json` object. Commands with the same object share a schema. */
export const OUTPUT_SCHEMAS = {
  init,
  check,
  'inventory-list': inventoryList,
  'inventory-origin': inventoryOrigin,
  plan,
  deploy: run,
  rollback: run,
  apply: run,
  approve: approval,
  pause: steer,
  resume: steer,
  abort: steer,
  recover,
  lock,
  status,
  doctor,
  releases,
  adopt,
  'releases-prune': releasesPrune,
  backups,
  history,
  'history-at': historyAt,
  'history-sync': historySync,
  'history-verify': historyVerify,
  show,
  stats,
  notify,
  exec,
  lab,
  schema,
  error,
} as const;

type JsonName = keyof typeof OUTPUT_SCHEMAS;

/** `events` is each line of `--output ndjson`, `log` each of `--log-file`, `plan-file` what `--out` writes. */
export type OutputSchemaName = JsonName | 'events' | 'log' | 'plan-file';

export const OUTPUT_SCHEMA_NAMES: readonly OutputSchemaName[] = [
  ...(Object.keys(OUTPUT_SCHEMAS) as readonly JsonName[]),
  'events',
  'log',
  'plan-file',
];

/** The JSON Schema (draft 2020-12) of an output. */
export function schemaOf(name: OutputSchemaName): Readonly<Record<string, unknown>> {
  // Open: a reader of a stream must accept fields and events of a later fleet version.
  if (name === 'events') {
    return {
      ...z.toJSONSchema(eventSchema(), { io: 'input' }),
      title: 'an event of --output ndjson',
    };
  }
  if (name === 'log') {
    return { ...z.toJSONSchema(logLineSchema(), { io: 'input' }), title: 'a line of --log-file' };
  }
  if (name === 'plan-file') {
    return { ...z.toJSONSchema(planFileSchema()), title: 'a plan of --out, for fleet apply' };
  }
  return { ...z.toJSONSchema(OUTPUT_SCHEMAS[name]), title: titleOf(name) };
}

function titleOf(name: JsonName): string {
  switch (name) {
    case 'error':
      return 'a refusal under --json';
    case 'history-verify':
      return 'fleet history verify --json';
    case 'releases-prune':
      return 'fleet releases prune --json';
    case 'history-sync':
      return 'fleet history sync --json';
    case 'history-at':
      return 'fleet history --host HOST --at TIME --json';
    case 'inventory-list':
      return 'fleet inventory --json';
    case 'inventory-origin':
      return 'fleet inventory --origin --json';
    default:
      return `fleet ${name} --json`;
  }
}

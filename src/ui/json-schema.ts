import * as z from 'zod';
import { eventSchema } from '../events/event.js';
import { steer } from './control-schema.js';
import { doctor } from './doctor-schema.js';
import { exec } from './exec-schema.js';
import { history, show } from './history-schema.js';
import { inventoryList, inventoryOrigin } from './inventory-schema.js';
import { lock } from './lock-schema.js';
import { plan } from './plan-schema.js';
import { recover } from './recover-schema.js';
import { releases } from './releases-schema.js';
import { run } from './run-schema.js';
import { check, error, init, lab, schema } from './setup-schema.js';
import { status } from './status-schema.js';

/** What each `--json` object holds; the same schema for what two commands share. */
export const OUTPUT_SCHEMAS = {
  init,
  check,
  'inventory-list': inventoryList,
  'inventory-origin': inventoryOrigin,
  plan,
  deploy: run,
  rollback: run,
  pause: steer,
  resume: steer,
  abort: steer,
  recover,
  lock,
  status,
  doctor,
  releases,
  history,
  show,
  exec,
  lab,
  schema,
  error,
} as const;

type JsonName = keyof typeof OUTPUT_SCHEMAS;

/** `events` is each line of `--output ndjson`. */
export type OutputSchemaName = JsonName | 'events';

export const OUTPUT_SCHEMA_NAMES: readonly OutputSchemaName[] = [
  ...(Object.keys(OUTPUT_SCHEMAS) as readonly JsonName[]),
  'events',
];

/** The JSON Schema (draft 2020-12) of an output. */
export function schemaOf(name: OutputSchemaName): Readonly<Record<string, unknown>> {
  // Open, as whoever reads a stream meets fields and events that a later fleet has added.
  if (name === 'events') {
    return {
      ...z.toJSONSchema(eventSchema(), { io: 'input' }),
      title: 'an event of --output ndjson',
    };
  }
  return { ...z.toJSONSchema(OUTPUT_SCHEMAS[name]), title: titleOf(name) };
}

function titleOf(name: JsonName): string {
  switch (name) {
    case 'error':
      return 'a refusal under --json';
    case 'inventory-list':
      return 'fleet inventory --json';
    case 'inventory-origin':
      return 'fleet inventory --origin --json';
    default:
      return `fleet ${name} --json`;
  }
}

import * as z from 'zod';
import { schemaVersion, time } from '../../json/parts.js';
import { definitionsOf, type StatsReport } from './rows.js';

const definition = z.string().describe('what it counts, for people');
const figure = z.number().nullable().describe('null if it has too little behind it');
const timeFigure = { medianMs: figure, p90Ms: figure, count: z.int(), definition };

/** What `stats` prints. */
export const stats = z.strictObject({
  schemaVersion,
  since: time,
  until: time,
  groups: z.array(
    z.strictObject({
      app: z.string(),
      group: z.string(),
      ends: z
        .strictObject({
          succeeded: z.int(),
          failed: z.int().describe('also those that were rolled back later'),
          canary: z.int(),
          untouched: z.int(),
          stopped: z.int(),
          open: z.int(),
        })
        .describe('the deploys that began in the period, each once'),
      frequency: z.strictObject({
        perWeek: figure,
        deploys: z.int(),
        weeks: z.number(),
        definition,
      }),
      leadTime: z.strictObject(timeFigure),
      changeFailRate: z.strictObject({
        rate: figure,
        failed: z.int(),
        deploys: z.int(),
        rolledBackLater: z.int(),
        definition,
      }),
      timeToRestore: z.strictObject({ ...timeFigure, notRestored: z.int() }),
      weekly: z.array(
        z.strictObject({
          week: z.string().describe('its Monday'),
          succeeded: z.int(),
          failed: z.int(),
          canary: z.int(),
          other: z.int(),
        }),
      ),
    }),
  ),
});

export function statsJson(report: StatsReport): z.input<typeof stats> {
  const { since, until, rows } = report;
  const told = definitionsOf(report);
  return {
    schemaVersion: 1,
    since,
    until,
    groups: rows.map((row) => ({
      ...row,
      frequency: { ...row.frequency, definition: told.frequency },
      leadTime: { ...row.leadTime, definition: told.leadTime },
      changeFailRate: { ...row.changeFailRate, definition: told.changeFailRate },
      timeToRestore: { ...row.timeToRestore, definition: told.timeToRestore },
      weekly: [...row.weekly],
    })),
  };
}

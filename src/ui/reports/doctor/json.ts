import { failureJson } from '../../json/parts.js';
import type { DoctorRow } from './rows.js';
import type { DoctorReportJson } from './schema.js';

/** The object that `fleet doctor --json` prints. */
export function doctorJson(
  app: string,
  group: string,
  rows: readonly DoctorRow[],
): DoctorReportJson {
  const hosts = rows.map(({ error, stops, notes, deadMan, sudoers, ...row }) => ({
    ...row,
    stops: stops.map(({ code, message, hint }) => ({
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
    })),
    notes: [...notes],
    deadMan: deadMan && { offered: [...deadMan.offered], used: deadMan.used },
    sudoers: [...sudoers],
    ...(error === undefined ? {} : { error: failureJson(error) }),
  }));
  return { schemaVersion: 1, app, group, hosts };
}

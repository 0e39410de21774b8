import { FleetError } from '../errors/fleet-error.js';
import { logFolder } from '../model/history/history-log.js';
import { readHistoryUrl } from '../model/history/history-url.js';
import type { HistoryLocation } from '../model/runs/app.js';
import type { HistoryDeps, HistoryStore } from './store.js';

/** Opens a history; its driver is loaded only now. Throws `history_unavailable`. */
export async function openHistory(
  location: HistoryLocation,
  rim: HistoryDeps,
): Promise<HistoryStore> {
  switch (location.kind) {
    case 'sqlite':
      return openSqlite(location.path, rim);
    case 'url':
      return openServer(location.url, rim);
    default:
      return location satisfies never;
  }
}

async function openSqlite(file: string, rim: HistoryDeps): Promise<HistoryStore> {
  // libsql's loader makes a diagnostic report to find the C library, and Node then looks up the name of every
  // connected peer: seconds of a blocked loop for fifty hosts. Node 20.13 has the option, its types do not.
  Object.assign(process.report, { excludeNetwork: true });
  const { openSqliteHistory } = await import('./sqlite/open.js');
  return openSqliteHistory(file, rim);
}

/** `url`: with its secrets, if it has any. */
async function openServer(url: string, rim: HistoryDeps): Promise<HistoryStore> {
  const folder = logFolder(url);
  if (folder !== null) return (await import('./log/open.js')).openLogHistory(folder);
  const read = readHistoryUrl(url);
  if ('problem' in read) {
    const { message, hint } = read.problem;
    throw new FleetError('history_unavailable', `the URL of the history ${message}`, { hint });
  }
  const { server } = read;
  switch (server.kind) {
    case 'postgres': {
      const { openPostgresHistory } = await import('./postgres/open.js');
      return openPostgresHistory(server, rim);
    }
    case 'mysql': {
      const { openMysqlHistory } = await import('./mysql/open.js');
      return openMysqlHistory(server, rim);
    }
    case 'redis': {
      const { openRedisHistory } = await import('./redis/open.js');
      return openRedisHistory(server, rim);
    }
    default:
      return server.kind satisfies never;
  }
}

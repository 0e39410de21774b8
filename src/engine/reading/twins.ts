import type { HostClients } from '../../host/clients.js';
import { besideStep, readBeside } from '../../host/steps/beside.js';
import type { HostName } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import { groupBy } from '../../model/text/group-by.js';
import type { HostReading, ReadHost } from './host-reading.js';

const ASK_TIMEOUT_MS = 30_000;

export interface TwinsOptions {
  readonly app: App;
  readonly clients: HostClients;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/**
 * Marks hosts that are one root under two names. Hosts with the same machine-id, boot and path may be
 * clones that share a kernel, so each of them is asked whether the connections of the others end
 * there. Without an answer nothing is marked: the claims of a run find it for certain.
 */
export async function markTwins(
  surveys: readonly HostReading[],
  options: TwinsOptions,
): Promise<readonly HostReading[]> {
  const read = surveys.filter((survey) => survey.kind === 'read');
  const alike = groupBy(read, placeOf).filter((group) => group.length > 1);
  if (alike.length === 0) return surveys;
  const found = await Promise.all(
    alike.flatMap((group) =>
      group.slice(1).map((host, index) =>
        options.limit(async () => {
          const twin = await twinOf(host, group.slice(0, index + 1), options);
          return [host.host.name, twin] as const;
        }),
      ),
    ),
  );
  const twins = new Map(found);
  return surveys.map((survey) => {
    const twin = twins.get(survey.host.name);
    return survey.kind === 'failed' || twin === undefined ? survey : { ...survey, twin };
  });
}

const placeOf = ({ facts }: ReadHost): string =>
  [facts.machineId, facts.bootId, facts.rootPath].join(' ');

/** The first of the others whose connection ends on this host too. */
async function twinOf(
  { host }: ReadHost,
  others: readonly ReadHost[],
  { app, clients, signal }: TwinsOptions,
): Promise<HostName | undefined> {
  const sessions = others.map(({ facts }) => facts.session).filter((session) => session !== '');
  const step = besideStep(app.service, sessions);
  const outcome = await clients.of(host.name).run([step], { timeoutMs: ASK_TIMEOUT_MS, signal });
  if (outcome.kind !== 'ok') return undefined;
  const here = readBeside(outcome.events);
  return others.find(({ facts }) => here.includes(facts.session))?.host.name;
}

import { secretsOfEnv, secretsOfUrl, wordsOfPath } from '../../errors/secret-words.js';
import type { App } from '../../model/runs/app.js';
import type { Context } from './context.js';
import { readSecret } from './secrets.js';
import type { Receivers } from './workspace.js';

/** Where secrets of a run may be written. */
interface Written {
  readonly app: App;
  readonly notify?: Receivers | undefined;
}

/**
 * Learns what no event, log or report of a run may show: secrets of the environment, of fleet.yaml and of what that refers
 * to. Hooks print anything, so all are read before the first event. One that cannot be read is reported where it is used.
 */
export async function learnSecrets(context: Context, { app, notify }: Written): Promise<void> {
  for (const secret of secretsOfEnv(context.env)) context.secrets.add(secret);
  const { history } = app;
  const { pull } = app.release;
  const used = [
    ...(history?.kind === 'url' ? [history.url] : []),
    ...[pull?.url, pull?.put].flatMap((text) => (typeof text === 'string' ? [text] : [])),
  ];
  const receivers = notify?.receivers ?? [];
  await Promise.all([
    ...used.map((text) => learn(context, text, secretsOfUrl)),
    ...receivers.flatMap(({ settings, folder }) =>
      textsIn(settings).map((text) => learn({ ...context, cwd: folder }, text, allOfUrl)),
    ),
  ]);
}

async function learn(
  context: Context,
  text: string,
  partsOf: (url: string) => readonly string[],
): Promise<void> {
  if (/^(env|file):/.test(text)) await readSecret(context, text).catch(() => undefined);
  else for (const part of partsOf(text)) context.secrets.add(part);
}

/** The URL of a webhook is a secret as a whole. */
const allOfUrl = (text: string): readonly string[] =>
  text.includes('://') ? [text, ...secretsOfUrl(text), ...wordsOfPath(text)] : [];

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

import { printableLine } from '../../../errors/printable.js';

/** Names and values, as the history has them; null for what no one said. */
export type RecordedIdentity = Readonly<Record<string, string | null>>;

/** What the kernel says of who it was, then what the environment of the command said, which proves nothing. */
export function identityLines(identity: RecordedIdentity | null): readonly string[] {
  if (identity === null) return [];
  const proven = textOf(identity, PROVEN);
  const said = SAID.map((names) => textOf(identity, names)).filter((text) => text !== '');
  return [
    ...(proven === '' ? [] : [`  account  ${proven}`]),
    ...said.map((text, index) => `  ${index === 0 ? 'said   ' : '       '}  ${text}`),
  ];
}

type Names = readonly (readonly [key: string, name: string])[];

const PROVEN: Names = [
  ['account', ''],
  ['uid', 'uid '],
  ['login', 'logged in as uid '],
];

/** One line for each place that says something. */
const SAID: readonly Names[] = [
  [
    ['said_name', 'name '],
    ['sudo', 'sudo by '],
  ],
  [
    ['ssh_from', 'SSH from '],
    ['ssh_key', 'key '],
  ],
  [['ssh_cert', 'certificate ']],
  [
    ['ci', 'CI '],
    ['ci_actor', 'started by '],
  ],
  [['ci_job', 'job ']],
];

const textOf = (identity: RecordedIdentity, names: Names): string =>
  names
    .flatMap(([key, name]) => (identity[key] == null ? [] : [`${name}${identity[key]}`]))
    .map(printableLine)
    .join(', ');

import type { HostFailure } from '../../../errors/host-failure.js';
import { pathText } from '../../../errors/path-text.js';
import {
  DIFFERENCE_KINDS,
  type Difference,
  type ReleaseDrift,
} from '../../../model/releases/drift.js';
import { countText } from '../../../model/text/count-text.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { padEnd } from '../../terminal/width.js';

/** What `fleet status --verify` found on one host. */
export interface VerifiedHost {
  readonly host: string;
  readonly releases: readonly ReleaseDrift[];
  /** Why the host could not compare them. */
  readonly error?: HostFailure | undefined;
}

/** So many paths are shown of one release, unless all are asked for. */
const MOST_SHOWN = 20;

/** Hosts whose release differs in the same way share their lines. A first line counts all. */
export function verifiedLines(
  hosts: readonly VerifiedHost[],
  look: { readonly style: Style; readonly all: boolean },
): readonly string[] {
  const found = hosts.flatMap(({ host, releases }) => releases.map((drift) => ({ host, drift })));
  const alike = groupBy(
    found.filter(({ drift }) => drift.state !== 'intact'),
    ({ drift }) => JSON.stringify(drift),
  );
  return [
    summary(found.map(({ drift }) => drift)),
    ...alike.flatMap((same) =>
      groupLines(
        same.map(({ host }) => host),
        same[0].drift,
        look,
      ),
    ),
  ];
}

function summary(drifts: readonly ReleaseDrift[]): string {
  const count = (state: ReleaseDrift['state']) =>
    drifts.filter((drift) => drift.state === state).length;
  const parts = [
    `${count('intact')} as deployed`,
    ...(['drifted', 'absent', 'unverified'] as const).flatMap((state) =>
      count(state) === 0 ? [] : [`${count(state)} ${STATES[state]}`],
    ),
  ];
  return `Files of ${countText(drifts.length, 'release')} on hosts: ${parts.join(', ')}.`;
}

const STATES = {
  intact: 'as deployed',
  drifted: 'not as deployed',
  absent: 'without its folder',
  unverified: 'without a manifest, so not verified',
} as const satisfies Record<ReleaseDrift['state'], string>;

function groupLines(
  hosts: readonly string[],
  drift: ReleaseDrift,
  { style, all }: { readonly style: Style; readonly all: boolean },
): readonly string[] {
  const { release, state, more } = drift;
  const head = `${countedNames(hosts)}  ${release}: ${STATES[state]}`;
  const sorted = DIFFERENCE_KINDS.flatMap((kind) =>
    drift.differences.filter(({ what }) => what === kind),
  ).sort((one, other) => Number(one.what === 'added') - Number(other.what === 'added'));
  const shown = all ? sorted : sorted.slice(0, MOST_SHOWN);
  const rest = sorted.length - shown.length;
  return [
    `${style.yellow(style.symbols.warning)} ${head}`,
    ...shown.map((difference) => `    ${differenceLine(difference)}`),
    ...(rest === 0 ? [] : [`    and ${rest} more; -v shows them, --json too`]),
    ...(more ? ['    and more: a host reports at most 2000 lines of one release'] : []),
  ];
}

function differenceLine({ path, what, was, is }: Difference): string {
  const change = was === undefined || is === undefined ? '' : `  ${changeText(what, { was, is })}`;
  return `${padEnd(WORDS[what], WIDTH)}  ${pathText(path)}${change}`;
}

const changeText = (
  what: Difference['what'],
  { was, is }: { readonly was: string; readonly is: string },
): string => (what === 'link' ? `${pathText(was)} -> ${pathText(is)}` : `${was} -> ${is}`);

const WORDS = {
  changed: 'changed',
  missing: 'missing',
  added: 'added',
  mode: 'mode',
  link: 'link',
  kind: 'kind',
  unreadable: 'unreadable',
} as const satisfies Record<Difference['what'], string>;

const WIDTH = Math.max(...Object.values(WORDS).map(({ length }) => length));
